#include "transport/dialer.hpp"

#include "transport/peer.hpp"
#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <unistd.h>

namespace monocoque::transport {
namespace {

using testing::accept_one;
using testing::becomes;
using testing::listen_on_text;

result<dialled> dial(const std::string& text, const stream_options& options = {}) {
  result<endpoint> where = parse_endpoint(text, purpose::connect);
  if (!where) return std::move(where).error();
  auto found = resolve(*where, purpose::connect, options.ipv6);
  if (!found) return std::move(found).error();
  return open_dialer(*where, found->front(), options);
}

/// Connects to the end; the errno, 0 if it is connected.
int finish(const dialled& dialling) {
  if (::connect(dialling.fd.fd(), dialling.target.data(), dialling.target.size()) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!becomes(dialling.fd.fd(), POLLOUT)) return ETIMEDOUT;
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(dialling.fd.fd(), SOL_SOCKET, SO_ERROR, &failure, &size);
  return failure;
}

int option_of(int fd, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, option, &value, &size);
  return value;
}

void expect_round_trip(const std::string& bind_text, const stream_options& options = {}) {
  const auto listener = listen_on_text(bind_text, options);
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  const auto dialling = dial(listener->last_endpoint(), options);
  ASSERT_TRUE(dialling.has_value()) << dialling.error().message();
  ASSERT_EQ(finish(*dialling), 0);
  const unique_fd accepted = accept_one(listener->fd());
  ASSERT_TRUE(accepted);
  ASSERT_TRUE(prepare_accepted(accepted.fd(), options).has_value());
  ASSERT_EQ(::send(dialling->fd.fd(), "x", 1, 0), 1);
  ASSERT_TRUE(becomes(accepted.fd(), POLLIN));
  EXPECT_EQ(peer_endpoint(dialling->fd.fd()), listener->last_endpoint());
  EXPECT_EQ(local_endpoint(accepted.fd()), listener->last_endpoint());
  EXPECT_EQ(peer_endpoint(accepted.fd(), "unnamed"), local_endpoint(dialling->fd.fd(), "unnamed"));
  EXPECT_FALSE(is_self_connected(dialling->fd.fd()));
}

TEST(dialer, connects_over_every_transport) {
  const testing::temporary_folder folder;
  expect_round_trip("tcp://127.0.0.1:*");
  expect_round_trip("tcp://lo:*");
  expect_round_trip("tcp://localhost:*");
  expect_round_trip(folder.ipc("s"));
  expect_round_trip("ipc://*");
  expect_round_trip("ipc://@monocoque-test-" + std::to_string(::getpid()));
  if (testing::has_loopback_ipv6()) expect_round_trip("tcp://[::1]:*", {.ipv6 = true});
}

TEST(dialer, dual_stack_wildcard_takes_ipv4_peers) {
  const auto listener = listen_on_text("tcp://*:*", {.ipv6 = true});
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  const auto port = socket_address::of_socket(listener->fd()).port();
  const auto dialling = dial("tcp://127.0.0.1:" + std::to_string(port));
  ASSERT_TRUE(dialling.has_value());
  EXPECT_EQ(finish(*dialling), 0);
  EXPECT_TRUE(accept_one(listener->fd()));
}

TEST(dialer, nobody_there_is_refused) {
  const testing::temporary_folder folder;
  std::string freed;
  {
    freed = listen_on_text("tcp://127.0.0.1:*").value().last_endpoint();
  }
  const auto tcp = dial(freed);
  ASSERT_TRUE(tcp.has_value());
  EXPECT_EQ(finish(*tcp), ECONNREFUSED);
  const auto ipc = dial(folder.ipc("none"));
  ASSERT_TRUE(ipc.has_value());
  EXPECT_EQ(finish(*ipc), ENOENT);
}

TEST(dialer, descriptor_blocks_nobody_and_is_not_inherited) {
  const auto dialling = dial("tcp://127.0.0.1:1");
  ASSERT_TRUE(dialling.has_value());
  EXPECT_NE(::fcntl(dialling->fd.fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(dialling->fd.fd(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(dialer, connects_from_the_source_address) {
  const auto listener = listen_on_text("tcp://127.0.0.1:*");
  ASSERT_TRUE(listener.has_value());
  const std::string target = listener->last_endpoint().substr(6);
  for (const std::string source : {"127.0.0.2:0", "127.0.0.2:*", "127.0.0.2"}) {
    const auto dialling = dial("tcp://" + source + ";" + target);
    ASSERT_TRUE(dialling.has_value()) << dialling.error().message();
    ASSERT_EQ(finish(*dialling), 0);
    EXPECT_TRUE(local_endpoint(dialling->fd.fd()).starts_with("tcp://127.0.0.2:"));
  }
  const auto by_interface = dial("tcp://lo:0;" + target);
  ASSERT_TRUE(by_interface.has_value()) << by_interface.error().message();
  EXPECT_EQ(finish(*by_interface), 0);
}

TEST(dialer, source_that_is_not_here_is_an_error) {
  // 203.0.113.0/24 is for documentation (RFC 5737).
  const auto foreign = dial("tcp://203.0.113.9:0;127.0.0.1:1");
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().code(), std::error_code(EADDRNOTAVAIL, std::generic_category()));
  EXPECT_EQ(foreign.error().doing(), "connect");
  EXPECT_EQ(foreign.error().endpoint(), "tcp://203.0.113.9:0;127.0.0.1:1");
  EXPECT_TRUE(testing::contains(foreign.error().detail(), "203.0.113.9"));
  EXPECT_TRUE(dial("tcp://nosuch0:0;127.0.0.1:1").error() == errc::resolve_failed);
}

TEST(dialer, sets_the_options) {
  stream_options options;
  options.send_buffer = 20'000;
  options.receive_buffer = 30'000;
  options.unsent_limit = 40'000;
  options.keepalive = 1;
  options.keepalive_idle_s = 11;
  options.keepalive_count = 3;
  options.keepalive_interval_s = 7;
  options.max_retransmit = std::chrono::milliseconds(1234);
  options.type_of_service = 0x28;
  const auto dialling = dial("tcp://127.0.0.1:1", options);
  ASSERT_TRUE(dialling.has_value()) << dialling.error().message();
  const int fd = dialling->fd.fd();
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_SNDBUF), 40'000);  // Linux doubles it for its own use
  EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_RCVBUF), 60'000);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT), 40'000);
  EXPECT_EQ(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 11);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), 7);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 1234);
  EXPECT_EQ(option_of(fd, IPPROTO_IP, IP_TOS), 0x28);
}

TEST(dialer, refused_option_is_named) {
  stream_options options;
  options.keepalive = 1;
  options.keepalive_idle_s = 100'000;
  const auto dialling = dial("tcp://127.0.0.1:1", options);
  ASSERT_FALSE(dialling.has_value());
  EXPECT_EQ(dialling.error().code(), std::error_code(EINVAL, std::generic_category()));
  EXPECT_EQ(dialling.error().detail(), "TCP_KEEPIDLE to 100000");

  stream_options device;
  device.bind_to_device = "nosuch0";
  const auto elsewhere = dial("tcp://127.0.0.1:1", device);
  ASSERT_FALSE(elsewhere.has_value());
  EXPECT_TRUE(testing::contains(elsewhere.error().detail(), "nosuch0"));
}

std::string congestion_control_of(int fd) {
  std::array<char, 16> name{};
  socklen_t size = name.size();
  EXPECT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size), 0);
  return name.data();
}

TEST(dialer, nothing_paces_over_loopback) {
  const auto listener = listen_on_text("tcp://127.0.0.1:*");
  const auto dialling = dial(listener.value().last_endpoint());
  ASSERT_EQ(finish(dialling.value()), 0);
  const unique_fd accepted = accept_one(listener->fd());
  for (const int fd : {dialling->fd.fd(), accepted.fd()})
    EXPECT_FALSE(congestion_control_of(fd).starts_with("bbr")) << congestion_control_of(fd);
}

TEST(dialer, pacing_is_spared_only_where_it_was_not_asked_for) {
  const unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::setsockopt(fd.fd(), IPPROTO_TCP, TCP_CONGESTION, "bbr", 3) != 0)
    GTEST_SKIP() << "this system has no bbr for us";
  stream_options asked_for;
  asked_for.congestion_control = "bbr";
  spare_loopback_pacing(fd.fd(), asked_for);
  EXPECT_EQ(congestion_control_of(fd.fd()), "bbr");
  spare_loopback_pacing(fd.fd(), {});
  EXPECT_EQ(congestion_control_of(fd.fd()), "reno");
}

TEST(dialer, congestion_control_is_chosen_by_name) {
  stream_options options;
  options.congestion_control = "reno";
  EXPECT_EQ(congestion_control_of(dial("tcp://127.0.0.1:1", options).value().fd.fd()), "reno");
  options.congestion_control = "nosuch";
  const auto refused = dial("tcp://127.0.0.1:1", options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().detail(), "TCP_CONGESTION to \"nosuch\"");
}

TEST(dialer, a_connection_to_itself_is_seen) {
  const unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(is_self_connected(fd.fd()));
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd.fd(), reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback), 0);
  const socket_address own = socket_address::of_socket(fd.fd());
  ASSERT_EQ(::connect(fd.fd(), own.data(), own.size()), 0);
  EXPECT_TRUE(is_self_connected(fd.fd()));
}

TEST(peer, accepted_connection_has_the_options) {
  const auto listener = listen_on_text("tcp://127.0.0.1:*");
  const auto dialling = dial(listener.value().last_endpoint());
  ASSERT_EQ(finish(dialling.value()), 0);
  const unique_fd accepted = accept_one(listener->fd());
  stream_options options;
  options.keepalive = 1;
  ASSERT_TRUE(prepare_accepted(accepted.fd(), options).has_value());
  EXPECT_EQ(option_of(accepted.fd(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(accepted.fd(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_FALSE(prepare_accepted(-1, options).has_value());
}

/// Fills the connection, then empties it at the other end.
void expect_acknowledgement(const std::string& bind_text) {
  const auto listener = listen_on_text(bind_text);
  const auto dialling = dial(listener.value().last_endpoint());
  ASSERT_EQ(finish(dialling.value()), 0);
  const unique_fd accepted = accept_one(listener->fd());
  const int fd = dialling->fd.fd();
  EXPECT_EQ(unacknowledged_bytes(fd), 0U);
  const std::string block(65'536, 'x');
  while (::send(fd, block.data(), block.size(), MSG_DONTWAIT) > 0) {
  }
  EXPECT_GT(unacknowledged_bytes(fd), 0U);
  std::string into(block.size(), '\0');
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (unacknowledged_bytes(fd) != 0 && std::chrono::steady_clock::now() < patience)
    static_cast<void>(::recv(accepted.fd(), into.data(), into.size(), MSG_DONTWAIT));
  EXPECT_EQ(unacknowledged_bytes(fd), 0U);
}

TEST(peer, acknowledges_what_has_arrived) {
  const testing::temporary_folder folder;
  expect_acknowledgement("tcp://127.0.0.1:*");
  expect_acknowledgement(folder.ipc("s"));
  EXPECT_EQ(unacknowledged_bytes(-1), 0U);
}

TEST(peer, ipc_peer_is_known_by_its_credentials) {
  const testing::temporary_folder folder;
  const auto listener = listen_on_text(folder.ipc("s"));
  const auto dialling = dial(listener.value().last_endpoint());
  ASSERT_EQ(finish(dialling.value()), 0);
  const unique_fd accepted = accept_one(listener->fd());
  const auto who = credentials_of_peer(accepted.fd());
  ASSERT_TRUE(who.has_value()) << who.error().message();
  EXPECT_EQ(who->pid, ::getpid());
  EXPECT_EQ(who->uid, ::geteuid());
  EXPECT_EQ(who->gid, ::getegid());
  EXPECT_EQ(peer_endpoint(accepted.fd(), listener->last_endpoint()), listener->last_endpoint());
  EXPECT_EQ(peer_endpoint(accepted.fd()), "");

  const auto tcp = dial("tcp://127.0.0.1:1");
  EXPECT_TRUE(credentials_of_peer(tcp.value().fd.fd()).error() == errc::not_supported);
}

}  // namespace
}  // namespace monocoque::transport
