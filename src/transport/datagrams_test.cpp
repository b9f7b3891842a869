#include "transport/datagrams.hpp"

#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace monocoque::transport {
namespace {

using testing::becomes;
using testing::has_loopback_ipv6;

/// Parses, resolves, and opens the first address.
result<datagram_socket> open_text(const std::string& text, purpose wanted,
                                  const datagram_options& options = {}, bool ipv6 = true) {
  result<endpoint> where = parse_endpoint(text, wanted);
  if (!where) return std::move(where).error();
  auto found = resolve(*where, wanted, ipv6);
  if (!found) return std::move(found).error();
  return open_datagrams(*where, wanted, found->front(), options);
}

std::string receive(int fd) {
  if (!becomes(fd, POLLIN)) return "nothing";
  std::array<char, 100> got{};
  const ssize_t size = ::recv(fd, got.data(), got.size(), 0);
  return size < 0 ? "error" : std::string(got.data(), static_cast<std::size_t>(size));
}

bool send(const datagram_socket& from, const std::string& datagram) {
  return ::sendto(from.fd.fd(), datagram.data(), datagram.size(), 0, from.target.data(),
                  from.target.size()) == static_cast<ssize_t>(datagram.size());
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

std::string port_of(const datagram_socket& bound) {
  return bound.last_endpoint.substr(bound.last_endpoint.rfind(':'));
}

TEST(datagrams, go_from_what_is_connected_to_what_is_bound) {
  const result<datagram_socket> in = open_text("udp://127.0.0.1:*", purpose::bind);
  ASSERT_TRUE(in) << in.error().message();
  EXPECT_TRUE(in->last_endpoint.starts_with("udp://127.0.0.1:"));
  EXPECT_EQ(in->target.family(), AF_UNSPEC);
  const result<datagram_socket> out = open_text(in->last_endpoint, purpose::connect);
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_EQ("udp://" + out->target.to_host_and_port(), in->last_endpoint);
  EXPECT_EQ(out->last_endpoint, in->last_endpoint);
  ASSERT_TRUE(send(*out, "hello"));
  EXPECT_EQ(receive(in->fd.fd()), "hello");
}

TEST(datagrams, a_port_is_ones_own_unless_the_address_is_multicast) {
  const result<datagram_socket> in = open_text("udp://127.0.0.1:*", purpose::bind);
  ASSERT_TRUE(in);
  const result<datagram_socket> again = open_text(in->last_endpoint, purpose::bind);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), std::errc::address_in_use);
  EXPECT_EQ(again.error().endpoint(), in->last_endpoint);
  EXPECT_EQ(again.error().doing(), "bind");
}

TEST(datagrams, multicast_stays_on_its_interface_and_reaches_all) {
  const result<datagram_socket> one = open_text("udp://lo;239.192.7.251:*", purpose::bind);
  ASSERT_TRUE(one) << one.error().message();
  const std::string place = "udp://127.0.0.1;239.192.7.251" + port_of(*one);
  const result<datagram_socket> two = open_text(place, purpose::bind);
  ASSERT_TRUE(two) << two.error().message();
  const result<datagram_socket> other = open_text("udp://lo;239.192.7.252" + port_of(*one), purpose::bind);
  ASSERT_TRUE(other) << other.error().message();
  const result<datagram_socket> out = open_text(place, purpose::connect);
  ASSERT_TRUE(out) << out.error().message();
  const result<datagram_socket> elsewhere =
      open_text("udp://lo;239.192.7.252" + port_of(*one), purpose::connect);
  ASSERT_TRUE(elsewhere);
  if (!send(*out, "to both")) GTEST_SKIP() << "the loopback interface takes no multicast here";
  ASSERT_TRUE(send(*elsewhere, "to the other"));
  EXPECT_EQ(receive(one->fd.fd()), "to both");
  EXPECT_EQ(receive(two->fd.fd()), "to both");
  EXPECT_EQ(receive(other->fd.fd()), "to the other");
}

TEST(datagrams, are_told_the_options) {
  const datagram_options options{.send_buffer = 20'000,
                                 .receive_buffer = 30'000,
                                 .type_of_service = 8,
                                 .multicast_hops = 4711,
                                 .multicast_loop = false};
  const result<datagram_socket> out = open_text("udp://lo;239.192.7.251:5", purpose::connect, options);
  ASSERT_TRUE(out) << out.error().message();
  const int fd = out->fd.fd();
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_SNDBUF), 2 * 20'000);  // the kernel counts its own part too
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_RCVBUF), 2 * 30'000);
  EXPECT_EQ(option(fd, IPPROTO_IP, IP_TOS), 8);
  EXPECT_EQ(option(fd, IPPROTO_IP, IP_MULTICAST_TTL), 255);
  EXPECT_EQ(option(fd, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
  if (!has_loopback_ipv6()) return;
  const result<datagram_socket> next = open_text("udp://lo;[ff02::7a:1]:5", purpose::connect, options);
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(option(next->fd.fd(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 255);
  EXPECT_EQ(option(next->fd.fd(), IPPROTO_IPV6, IPV6_MULTICAST_LOOP), 0);
  EXPECT_EQ(option(next->fd.fd(), IPPROTO_IPV6, IPV6_MULTICAST_IF), 1) << "lo is the first";
}

TEST(datagrams, an_interface_is_for_multicast_alone) {
  for (const purpose wanted : {purpose::bind, purpose::connect}) {
    const result<datagram_socket> opened = open_text("udp://lo;127.0.0.1:5555", wanted);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), errc::invalid_endpoint);
  }
  const result<datagram_socket> nowhere = open_text("udp://nosuch0;239.192.7.251:5555", purpose::bind);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error(), errc::resolve_failed);
}

TEST(datagrams, addresses_in_digits_are_read_as_they_are_written) {
  for (const std::string text : {"127.0.0.1:1", "192.0.2.1:65535"}) {
    const result<socket_address> found = address_in_digits(text, AF_INET);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->family(), AF_INET);
    EXPECT_EQ(found->to_host_and_port(), text);
    const result<socket_address> mapped = address_in_digits(text, AF_INET6);
    ASSERT_TRUE(mapped) << text;
    EXPECT_EQ(mapped->family(), AF_INET6);
    EXPECT_EQ(mapped->to_host_and_port(), text) << "IPv4 in IPv6 is IPv4";
  }
  const result<socket_address> next = address_in_digits("[2001:db8::1]:5555", AF_INET6);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->to_host_and_port(), "[2001:db8::1]:5555");
  for (const char* const wrong :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:5 ",
        "localhost:5", "[127.0.0.1]:5", "::1:5", "[::1]", "[::1]5", "lo:5", "*:5", "[]:5"}) {
    EXPECT_FALSE(address_in_digits(wrong, AF_INET6)) << wrong;
    EXPECT_FALSE(address_in_digits(wrong, AF_INET)) << wrong;
  }
  EXPECT_FALSE(address_in_digits("[::1]:5", AF_INET)) << "an IPv4 socket sends to IPv4";
}

TEST(datagrams, addresses_know_multicast) {
  const auto of = [](const char* text) { return address_in_digits(text, AF_INET6).value(); };
  EXPECT_TRUE(of("224.0.0.1:5").is_multicast());
  EXPECT_TRUE(of("239.255.255.255:5").is_multicast());
  EXPECT_TRUE(of("[ff02::1]:5").is_multicast());
  EXPECT_FALSE(of("223.255.255.255:5").is_multicast());
  EXPECT_FALSE(of("240.0.0.1:5").is_multicast());
  EXPECT_FALSE(of("[fe80::1]:5").is_multicast());
  EXPECT_FALSE(socket_address().is_multicast());
  EXPECT_TRUE(address_in_digits("224.0.0.1:5", AF_INET).value().is_multicast());
}

}  // namespace
}  // namespace monocoque::transport
