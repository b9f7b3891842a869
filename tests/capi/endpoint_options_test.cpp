// Options that say how endpoints are made and who may come to them: values, errors, and what they do.

#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

constexpr int patience_ms = 20'000;

/// A context and its sockets, which end with the test.
class endpoint_options : public testing::Test {
 protected:
  void TearDown() override {
    for (void* const each : sockets_) zmq_close(each);
    EXPECT_EQ(zmq_ctx_term(ctx_), 0);
  }

  void* open(int type) {
    void* const made = zmq_socket(ctx_, type);
    EXPECT_NE(made, nullptr) << zmq_strerror(errno);
    sockets_.push_back(made);
    set(made, ZMQ_LINGER, 0);
    set(made, ZMQ_RCVTIMEO, patience_ms);
    set(made, ZMQ_SNDTIMEO, patience_ms);
    return made;
  }
  template <class Value>
  static int set(void* socket, int option, Value value) {
    return zmq_setsockopt(socket, option, &value, sizeof value);
  }
  static int set_text(void* socket, int option, const char* text) {
    return zmq_setsockopt(socket, option, text, text != nullptr ? std::strlen(text) : 0);
  }
  template <class Value = int>
  static Value get(void* socket, int option) {
    Value value{};
    std::size_t size = sizeof value;
    EXPECT_EQ(zmq_getsockopt(socket, option, &value, &size), 0) << option << ": " << zmq_strerror(errno);
    EXPECT_EQ(size, sizeof value);
    return value;
  }
  static std::string get_text(void* socket, int option) {
    std::array<char, 1024> text{};
    std::size_t size = text.size();
    EXPECT_EQ(zmq_getsockopt(socket, option, text.data(), &size), 0) << option << ": " << zmq_strerror(errno);
    EXPECT_EQ(size, std::strlen(text.data()) + 1);
    return text.data();
  }
  template <class Value>
  static void expect_refused(void* socket, int option, Value value) {
    EXPECT_EQ(set(socket, option, value), -1) << option << " to " << value;
    EXPECT_EQ(errno, EINVAL);
  }

  /// Binds, and says where.
  static std::string bind(void* socket, const std::string& where) {
    EXPECT_EQ(zmq_bind(socket, where.c_str()), 0) << where << ": " << zmq_strerror(errno);
    return get_text(socket, ZMQ_LAST_ENDPOINT);
  }
  static void expect_passage(void* from, void* to) {
    EXPECT_EQ(zmq_send(from, "hello", 5, 0), 5) << zmq_strerror(errno);
    std::array<char, 8> got{};
    EXPECT_EQ(zmq_recv(to, got.data(), got.size(), 0), 5) << zmq_strerror(errno);
    EXPECT_STREQ(got.data(), "hello");
  }
  /// What happens to a socket, of `events`, told to what this answers.
  void* watch(void* socket, int events) {
    const std::string place = "inproc://monitor-" + std::to_string(sockets_.size());
    EXPECT_EQ(zmq_socket_monitor(socket, place.c_str(), events), 0) << zmq_strerror(errno);
    void* const watching = open(ZMQ_PAIR);
    EXPECT_EQ(zmq_connect(watching, place.c_str()), 0);
    return watching;
  }
  struct happened {
    int what = 0;
    std::int32_t value = 0;
  };
  static happened next_event(void* watching) {
    std::array<unsigned char, 6> numbers{};
    EXPECT_EQ(zmq_recv(watching, numbers.data(), numbers.size(), 0), 6) << zmq_strerror(errno);
    std::array<char, 256> place{};
    EXPECT_GE(zmq_recv(watching, place.data(), place.size(), 0), 0);
    std::uint16_t what = 0;
    happened told;
    std::memcpy(&what, numbers.data(), sizeof what);
    std::memcpy(&told.value, numbers.data() + sizeof what, sizeof told.value);
    told.what = what;
    return told;
  }
  /// Whether who connects to `server`, once bound to `where`, comes to talk to it.
  bool lets_us_in(void* server, const std::string& where) {
    void* const watching = watch(server, ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    const std::string place = bind(server, where);
    void* const client = open(ZMQ_PAIR);
    set(client, ZMQ_RECONNECT_IVL, -1);
    EXPECT_EQ(zmq_connect(client, place.c_str()), 0);
    return next_event(watching).what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  }

  void* ctx_ = zmq_ctx_new();
  std::vector<void*> sockets_;
};

TEST_F(endpoint_options, use_fd_is_kept_and_told) {
  void* const socket = open(ZMQ_PUSH);
  EXPECT_EQ(get(socket, ZMQ_USE_FD), -1);
  EXPECT_EQ(set(socket, ZMQ_USE_FD, 3), 0);
  EXPECT_EQ(get(socket, ZMQ_USE_FD), 3);
  EXPECT_EQ(set(socket, ZMQ_USE_FD, -1), 0);
  expect_refused(socket, ZMQ_USE_FD, -2);
}

TEST_F(endpoint_options, use_fd_binds_a_socket_that_listens_already) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, address, size), 0);
  ASSERT_EQ(::listen(fd, 1), 0);
  ASSERT_EQ(::getsockname(fd, address, &size), 0);
  const std::string place = "tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
  void* const server = open(ZMQ_PULL);
  ASSERT_EQ(set(server, ZMQ_USE_FD, fd), 0);
  EXPECT_EQ(bind(server, place), place);
  void* const client = open(ZMQ_PUSH);
  EXPECT_EQ(zmq_connect(client, place.c_str()), 0);
  expect_passage(client, server);
}

TEST_F(endpoint_options, tcp_accept_filter_wants_networks) {
  void* const socket = open(ZMQ_PAIR);
  for (const char* wrong : {"foo", "0.0.0.0foo", "0.0.0.0/foo", "0.0.0.0/", "0.0.0.0/-1", "0.0.0.0/33"}) {
    EXPECT_EQ(set_text(socket, ZMQ_TCP_ACCEPT_FILTER, wrong), -1) << wrong;
    EXPECT_EQ(errno, EINVAL) << wrong;
  }
  for (const char* right : {"127.0.0.1", "127.0.0.1/32", "0.0.0.0/0", "127.0.0.1/8"})
    EXPECT_EQ(set_text(socket, ZMQ_TCP_ACCEPT_FILTER, right), 0) << right;
}

TEST_F(endpoint_options, tcp_accept_filter_lets_in_who_is_in_one) {
  void* const server = open(ZMQ_PAIR);
  set_text(server, ZMQ_TCP_ACCEPT_FILTER, "192.0.2.0/24");
  set_text(server, ZMQ_TCP_ACCEPT_FILTER, "127.0.0.1");
  EXPECT_TRUE(lets_us_in(server, "tcp://127.0.0.1:*"));
}

TEST_F(endpoint_options, tcp_accept_filter_keeps_out_who_is_in_none) {
  void* const server = open(ZMQ_PAIR);
  set_text(server, ZMQ_TCP_ACCEPT_FILTER, "127.0.0.255/32");
  EXPECT_FALSE(lets_us_in(server, "tcp://127.0.0.1:*"));
}

TEST_F(endpoint_options, tcp_accept_filter_is_cleared_with_nothing) {
  void* const server = open(ZMQ_PAIR);
  set_text(server, ZMQ_TCP_ACCEPT_FILTER, "127.0.0.255/32");
  EXPECT_EQ(set_text(server, ZMQ_TCP_ACCEPT_FILTER, nullptr), 0);
  EXPECT_TRUE(lets_us_in(server, "tcp://127.0.0.1:*"));
}

TEST_F(endpoint_options, ipc_filters_let_in_who_is_of_one) {
  const auto lets_in = [this](int option, auto value) {
    void* const server = open(ZMQ_PAIR);
    EXPECT_EQ(set(server, option, value), 0);
    return lets_us_in(server, "ipc://*");
  };
  EXPECT_TRUE(lets_in(ZMQ_IPC_FILTER_UID, ::getuid()));
  EXPECT_TRUE(lets_in(ZMQ_IPC_FILTER_GID, ::getgid()));
  EXPECT_TRUE(lets_in(ZMQ_IPC_FILTER_PID, ::getpid()));
  EXPECT_FALSE(lets_in(ZMQ_IPC_FILTER_UID, ::getuid() + 1));
  EXPECT_FALSE(lets_in(ZMQ_IPC_FILTER_PID, ::getpid() + 1));
}

TEST_F(endpoint_options, ipc_filters_are_numbers_or_nothing) {
  void* const server = open(ZMQ_PAIR);
  for (const int option : {ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID, ZMQ_IPC_FILTER_PID}) {
    expect_refused(server, option, std::int64_t{1});
    EXPECT_EQ(set(server, option, 1), 0);
    EXPECT_EQ(set_text(server, option, nullptr), 0);
  }
  EXPECT_TRUE(lets_us_in(server, "ipc://*"));
}

TEST_F(endpoint_options, descriptors_are_told_of_messages_and_events) {
  void* const server = open(ZMQ_PULL);
  void* const watching = watch(server, ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED);
  const std::string place = bind(server, "tcp://127.0.0.1:*");
  const happened listening = next_event(watching);
  EXPECT_EQ(listening.what, ZMQ_EVENT_LISTENING);
  sockaddr_in at{};
  socklen_t size = sizeof at;
  EXPECT_EQ(::getsockname(listening.value, reinterpret_cast<sockaddr*>(&at), &size), 0);
  EXPECT_EQ("tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port)), place);

  void* const client = open(ZMQ_PUSH);
  EXPECT_EQ(zmq_connect(client, place.c_str()), 0);
  const happened accepted = next_event(watching);
  EXPECT_EQ(accepted.what, ZMQ_EVENT_ACCEPTED);
  EXPECT_EQ(zmq_send(client, "hello", 5, 0), 5);
  zmq_msg_t msg;
  zmq_msg_init(&msg);
  EXPECT_EQ(zmq_msg_recv(&msg, server, 0), 5);
  EXPECT_EQ(zmq_msg_get(&msg, ZMQ_SRCFD), accepted.value);
  EXPECT_EQ(::getpeername(accepted.value, reinterpret_cast<sockaddr*>(&at), &size), 0);
  zmq_msg_close(&msg);

  ASSERT_EQ(sockets_.back(), client);
  sockets_.pop_back();
  zmq_close(client);
  const happened gone = next_event(watching);
  EXPECT_EQ(gone.what, ZMQ_EVENT_DISCONNECTED);
  EXPECT_EQ(gone.value, accepted.value);
}

TEST_F(endpoint_options, descriptors_of_messages_that_came_by_none_are_an_error) {
  zmq_msg_t msg;
  zmq_msg_init(&msg);
  EXPECT_EQ(zmq_msg_get(&msg, ZMQ_SRCFD), -1);
  zmq_msg_close(&msg);
}

TEST_F(endpoint_options, affinity_is_64_bits_kept_and_told) {
  void* const socket = open(ZMQ_PUSH);
  EXPECT_EQ(get<std::uint64_t>(socket, ZMQ_AFFINITY), 0U);
  constexpr std::uint64_t all = ~std::uint64_t{0};
  EXPECT_EQ(set(socket, ZMQ_AFFINITY, all), 0);
  EXPECT_EQ(get<std::uint64_t>(socket, ZMQ_AFFINITY), all);
  expect_refused(socket, ZMQ_AFFINITY, 1);
}

TEST_F(endpoint_options, affinity_to_no_thread_is_an_error_of_bind) {
  void* const socket = open(ZMQ_PULL);
  set(socket, ZMQ_AFFINITY, std::uint64_t{2});
  EXPECT_EQ(zmq_bind(socket, "tcp://127.0.0.1:*"), -1);
  EXPECT_EQ(errno, EMTHREAD);
  EXPECT_EQ(zmq_connect(socket, "tcp://127.0.0.1:5555"), -1);
  EXPECT_EQ(errno, EMTHREAD);
  EXPECT_EQ(zmq_bind(socket, "inproc://here"), 0) << "it needs none";
  set(socket, ZMQ_AFFINITY, std::uint64_t{3});
  EXPECT_EQ(zmq_bind(socket, "tcp://127.0.0.1:*"), 0);
}

TEST_F(endpoint_options, of_multicast_are_kept_and_told) {
  struct kept {
    int option, usual, least;
  };
  void* const socket = open(ZMQ_SUB);
  for (const kept& each : {kept{ZMQ_RATE, 100, 1}, kept{ZMQ_RECOVERY_IVL, 10'000, 0},
                           kept{ZMQ_MULTICAST_HOPS, 1, 1}, kept{ZMQ_MULTICAST_MAXTPDU, 1500, 1}}) {
    EXPECT_EQ(get(socket, each.option), each.usual) << each.option;
    EXPECT_EQ(set(socket, each.option, 4711), 0) << each.option;
    EXPECT_EQ(get(socket, each.option), 4711) << each.option;
    EXPECT_EQ(set(socket, each.option, each.least), 0) << each.option;
    expect_refused(socket, each.option, each.least - 1);
  }
}

TEST_F(endpoint_options, socks_proxy_is_a_place_or_nothing) {
  void* const socket = open(ZMQ_SUB);
  EXPECT_EQ(get_text(socket, ZMQ_SOCKS_PROXY), "");
  EXPECT_EQ(set_text(socket, ZMQ_SOCKS_PROXY, "somehost:1080"), 0);
  EXPECT_EQ(get_text(socket, ZMQ_SOCKS_PROXY), "somehost:1080");
  EXPECT_EQ(set_text(socket, ZMQ_SOCKS_PROXY, ""), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(set_text(socket, ZMQ_SOCKS_PROXY, nullptr), 0);
  EXPECT_EQ(get_text(socket, ZMQ_SOCKS_PROXY), "");
}

TEST_F(endpoint_options, socks_username_and_password_have_255_bytes) {
  void* const socket = open(ZMQ_SUB);
  const std::string longest(255, 'x');
  for (const int option : {ZMQ_SOCKS_USERNAME, ZMQ_SOCKS_PASSWORD}) {
    EXPECT_EQ(get_text(socket, option), "");
    EXPECT_EQ(set_text(socket, option, longest.c_str()), 0);
    EXPECT_EQ(get_text(socket, option), longest);
    EXPECT_EQ(set_text(socket, option, (longest + "x").c_str()), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(set_text(socket, option, ""), 0);
    EXPECT_EQ(get_text(socket, option), "");
    EXPECT_EQ(set_text(socket, option, nullptr), 0);
  }
}

}  // namespace
}  // namespace monocoque::test
