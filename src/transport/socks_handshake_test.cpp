#include "transport/socks_handshake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <system_error>
#include <vector>

namespace monocoque::transport {
namespace {

using namespace std::string_literals;

std::span<const std::byte> octets(std::string_view text) { return std::as_bytes(std::span(text)); }

/// What the handshake has to say, which is taken away.
std::string said(socks_handshake& of) {
  const std::span<const std::byte> output = of.output();
  std::string words(reinterpret_cast<const char*>(output.data()), output.size());
  of.consume_output(output.size());
  return words;
}

struct conversation {
  std::string sent;
  std::size_t read = 0;
  result<void> outcome;
  bool done = false;
};

/// All of it, with a proxy that answers so, in pieces of at most `piece` bytes.
conversation talk(const tcp_host& target, socks_credentials who, std::string_view answers,
                  std::size_t piece = 512) {
  conversation held;
  socks_handshake handshake(target, who);
  held.sent += said(handshake);
  while (held.outcome && !handshake.is_done() && held.read < answers.size()) {
    const std::size_t size = std::min({piece, handshake.wanted(), answers.size() - held.read});
    held.outcome = handshake.take(octets(answers.substr(held.read, size)));
    held.read += size;
    held.sent += said(handshake);
  }
  held.done = held.outcome && handshake.is_done();
  return held;
}

tcp_host at(std::string host, std::uint16_t port = 5555) { return {.host = std::move(host), .port = port}; }

const std::string no_name = "\x05\x01\x00"s;
const std::string with_name = "\x05\x02\x00\x02"s;
const std::string port_5555 = "\x15\xb3"s;
const std::string anybody = "\x05\x00"s;
const std::string from_ipv4 = "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"s;

TEST(socks_handshake, asks_for_an_ipv4_address) {
  const conversation held = talk(at("192.0.2.1"), {}, anybody + from_ipv4);
  EXPECT_TRUE(held.done);
  EXPECT_EQ(held.sent, no_name + "\x05\x01\x00\x01\xc0\x00\x02\x01"s + port_5555);
}

TEST(socks_handshake, asks_for_an_ipv6_address_without_its_zone) {
  const std::string asked =
      no_name + "\x05\x01\x00\x04\xfe\x80"s + std::string(13, '\0') + "\x01" + port_5555;
  EXPECT_EQ(talk(at("fe80::1"), {}, anybody + from_ipv4).sent, asked);
  EXPECT_EQ(talk(at("fe80::1%eth0"), {}, anybody + from_ipv4).sent, asked);
}

TEST(socks_handshake, leaves_names_to_the_proxy) {
  EXPECT_EQ(talk(at("example.com"), {}, anybody + from_ipv4).sent, no_name +
                                                                       "\x05\x01\x00\x03\x0b"
                                                                       "example.com"s +
                                                                       port_5555);
}

TEST(socks_handshake, says_name_and_password_to_who_asks) {
  const socks_credentials who{"joe", "secret"};
  const std::string answers = "\x05\x02\x01\x00"s + from_ipv4;
  const conversation held = talk(at("192.0.2.1"), who, answers);
  EXPECT_TRUE(held.done);
  EXPECT_EQ(held.sent,
            with_name + "\x01\x03joe\x06secret"s + "\x05\x01\x00\x01\xc0\x00\x02\x01"s + port_5555);
  EXPECT_EQ(talk(at("192.0.2.1"), who, anybody + from_ipv4).sent.find("secret"), std::string::npos)
      << "who does not ask is not told";
  const std::string longest(longest_socks_text, 'x');
  EXPECT_TRUE(talk(at(longest), {longest, longest}, answers).done);
  EXPECT_TRUE(talk(at("192.0.2.1"), {"joe", ""}, answers).done);
}

TEST(socks_handshake, reads_to_the_end_of_the_answer_and_no_further) {
  const std::vector<std::string> answers{
      from_ipv4,
      "\x05\x00\x00\x04"s + std::string(16, '\x20') + "\x12\x34"s,
      "\x05\x00\x00\x03\x00\x12\x34"s,
      "\x05\x00\x00\x03\x09localhost\x12\x34"s,
      "\x05\x00\x00\x03\xff"s + std::string(255, 'x') + "\x12\x34"s,
  };
  for (const std::string& answer : answers) {
    const std::string all = anybody + answer;
    // Whatever the pieces are.
    for (std::size_t piece = 1; piece <= all.size(); ++piece) {
      const conversation held = talk(at("192.0.2.1"), {}, all + "the target's", piece);
      EXPECT_TRUE(held.done);
      EXPECT_EQ(held.read, all.size());
    }
    for (std::size_t size = 0; size < all.size(); ++size) {
      const conversation held = talk(at("192.0.2.1"), {}, all.substr(0, size));
      EXPECT_TRUE(held.outcome && !held.done) << "after " << size;
    }
  }
}

TEST(socks_handshake, sends_on_from_where_it_was_interrupted) {
  socks_handshake handshake(at("example.com"), {});
  std::string sent;
  while (!handshake.output().empty()) {
    sent += static_cast<char>(handshake.output().front());
    handshake.consume_output(1);
  }
  EXPECT_EQ(sent, no_name);
  EXPECT_EQ(handshake.wanted(), 2U);
}

TEST(socks_handshake, tells_why_the_proxy_does_not_connect) {
  const std::vector<std::pair<char, std::errc>> reasons{
      {1, std::errc::connection_aborted},      {2, std::errc::permission_denied},
      {3, std::errc::network_unreachable},     {4, std::errc::host_unreachable},
      {5, std::errc::connection_refused},      {6, std::errc::timed_out},
      {7, std::errc::operation_not_supported}, {8, std::errc::address_family_not_supported},
      {9, std::errc::protocol_error},          {'\xff', std::errc::protocol_error}};
  for (const auto& [code, expected] : reasons) {
    const conversation held = talk(at("192.0.2.1"), {}, anybody + "\x05"s + code);
    ASSERT_FALSE(held.outcome) << int{code};
    EXPECT_EQ(held.outcome.error().code(), expected) << int{code};
  }
  EXPECT_EQ(talk(at("192.0.2.1"), {}, anybody + "\x05\x04"s).outcome.error().detail(),
            "SOCKS proxy: refused, code 4");
}

TEST(socks_handshake, is_refused_by_a_proxy_that_wants_to_know_better_who_we_are) {
  for (const socks_credentials who : {socks_credentials{}, socks_credentials{"joe", "secret"}}) {
    const conversation held = talk(at("192.0.2.1"), who, "\x05\xff"s);
    ASSERT_FALSE(held.outcome);
    EXPECT_EQ(held.outcome.error().code(), std::errc::permission_denied);
  }
  const conversation held = talk(at("192.0.2.1"), {"joe", "wrong"}, "\x05\x02\x01\x01"s);
  ASSERT_FALSE(held.outcome);
  EXPECT_EQ(held.outcome.error().code(), std::errc::permission_denied);
}

TEST(socks_handshake, does_not_go_on_with_what_is_no_socks_5) {
  const std::vector<std::string> answers{"HTTP/1.1 400",
                                         "\x04\x00"s,
                                         "\x05\x01"s,  // GSSAPI, which we did not offer
                                         "\x05\x02"s,  // a name and password, which we have none of
                                         anybody + "\x04\x00"s,
                                         anybody + "\x05\x00\x00\x02\x00"s,
                                         anybody + "\x05\x00\x00\x00\x00"s};
  for (const std::string& each : answers) {
    const conversation held = talk(at("192.0.2.1"), {}, each);
    ASSERT_FALSE(held.outcome);
    EXPECT_EQ(held.outcome.error().code(), std::errc::protocol_error);
  }
  EXPECT_EQ(talk(at("192.0.2.1"), {"joe", ""}, "\x05\x02\x05\x00"s).outcome.error().code(),
            std::errc::protocol_error);
}

TEST(socks_proxy, is_a_tcp_endpoint_to_connect_to) {
  EXPECT_EQ(proxy_endpoint("proxy.example:1080")->address, at("proxy.example", 1080));
  EXPECT_EQ(proxy_endpoint("[::1]:1080")->address, at("::1", 1080));
  EXPECT_EQ(proxy_endpoint("127.0.0.1:0;proxy:1080")->source->host, "127.0.0.1");
  for (const char* wrong : {"", "proxy", "proxy:0", "proxy:*", ":1080", "*:1080", "proxy:65536"})
    EXPECT_FALSE(proxy_endpoint(wrong)) << wrong;
}

}  // namespace
}  // namespace monocoque::transport
