#include "zmtp/connection.hpp"
#include "zmtp/connection_test_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Peers that speak ZMTP 3.0, 2.0 and 1.0, their bytes written by hand from RFC 23, 15 and 13.
namespace monocoque::zmtp {
namespace {

using namespace zmtp::testing;
using ::testing::ElementsAre;

const std::string signature = "\xff\0\0\0\0\0\0\0\1\x7f"s;

config with_id(socket_type type, std::string_view id, bool as_server = true) {
  config settings = listener::settings_for(type, as_server);
  settings.routing_id = bytes::copy(id);
  return settings;
}

TEST(old_peers, a_3_1_peer_is_shown_the_greeting_step_by_step) {
  listener client(with_id(socket_type::req, "abc", false));
  EXPECT_EQ(client.take_sent(), "\xff\0\0\0\0\0\0\0\4\x7f"s) << "the head of an identity frame to ZMTP 1.0";
  client.feed(signature);
  EXPECT_EQ(client.take_sent(), "\3");
  client.feed("\3");
  EXPECT_EQ(client.take_sent(), "\1NULL"s + std::string(48, '\0'));
  client.feed(greeting().substr(11, 52));
  EXPECT_EQ(client.take_sent(), "");
  client.feed("\0"sv);
  EXPECT_EQ(client.take_sent(), ready("REQ", property("Identity", "abc")));
}

TEST(old_peers, a_3_0_peer_subscribes_with_messages) {
  listener server(socket_type::xpub);
  server.feed(greeting(3, 0) + ready("SUB") + frame("\1news") + frame("\0news"sv));
  EXPECT_THAT(server.log, ElementsAre("handshake SUB 3.0 id=", "message [\1news]", "message [\0news]"s));
}

TEST(old_peers, a_3_0_peer_may_ping_and_subscribe_by_command_as_libzmq_4_2_does) {
  listener server(socket_type::xpub);
  server.feed(greeting(3, 0) + ready("SUB"));
  (void)server.take_sent();
  server.feed(command("PING", "\0\1x"sv) + command("SUBSCRIBE", "A"));
  EXPECT_EQ(server.sent, command("PONG", "x"));
  EXPECT_EQ(server.log.back(), "subscribe A");
}

// ZMTP 2.0: signature, revision, socket type, identity frame, messages.
const std::string v2_traffic = signature + "\1\5"s + "\0\3bob"s + "\1\1a\0\1b"s + "\2\0\0\0\0\0\0\0\2hi"s;

TEST(old_peers, talks_zmtp_2_0_wherever_the_bytes_are_split) {
  for (std::size_t at = 0; at <= v2_traffic.size(); ++at) {
    listener server(with_id(socket_type::router, "me"));
    server.feed(std::string_view(v2_traffic).substr(0, at));
    server.feed(std::string_view(v2_traffic).substr(at));
    EXPECT_EQ(server.sent, "\xff\0\0\0\0\0\0\0\3\x7f"s + "\3\6"s + "\0\2me"s);
    EXPECT_THAT(server.log, ElementsAre("handshake DEALER 2.0 id=bob", "message [a][b]", "message [hi]"));
    EXPECT_EQ(server.peer.take_form(), nullptr);
  }
}

TEST(old_peers, a_2_0_peer_that_waits_for_us_gets_its_answers_in_turn) {
  listener client(with_id(socket_type::xsub, "", false));
  EXPECT_EQ(client.take_sent(), signature);
  client.feed(signature);
  EXPECT_EQ(client.take_sent(), "\3");
  client.feed("\2");
  EXPECT_EQ(client.take_sent(), "\2") << "XSUB is SUB to ZMTP 2.0";
  client.feed("\1");
  EXPECT_EQ(client.take_sent(), "\0\0"s);
  client.feed("\0\0"sv);
  EXPECT_THAT(client.log, ElementsAre("handshake PUB 2.0 id="));
  std::vector<std::byte> out;
  client.peer.encode_subscription(true, as_octets("t"), out);
  client.peer.encode_ping(1, {}, out);
  client.peer.encode_sign_of_life(out);
  EXPECT_EQ(text_of(out), "\0\2\1t"s);
}

TEST(old_peers, a_2_0_peer_may_have_the_numbers_of_xpub_and_xsub) {
  listener server(socket_type::xpub);
  server.feed(signature + "\1\x0a\0\0"s);
  EXPECT_THAT(server.log, ElementsAre("handshake XSUB 2.0 id="));
}

// ZMTP 1.0: identity frame, messages; a length of 255 and more in eight octets, which shorter ones may use
// too.
std::string v1_traffic(const std::string& identity) {
  return identity + "\2\1a"s + "\2\0b"s + "\1\0"s + "\xff\0\0\0\0\0\0\1\x2d\0"s + std::string(300, 'c') +
         "\xff\0\0\0\0\0\0\0\3\0hi"s + "\xfe\0"s + std::string(253, 'd');
}

TEST(old_peers, talks_zmtp_1_0_wherever_the_bytes_are_split) {
  const std::string id(254, 'i');
  const std::string identities[] = {"\1\0"s, "\4\0bob"s, "\xff\0\0\0\0\0\0\0\xff\0"s + id};
  const std::string names[] = {"", "bob", id};
  for (std::size_t which = 0; which < 3; ++which) {
    const std::string input = v1_traffic(identities[which]);
    for (std::size_t at = 0; at <= input.size(); ++at) {
      listener server(with_id(socket_type::router, "me"));
      server.feed(std::string_view(input).substr(0, at));
      server.feed(std::string_view(input).substr(at));
      ASSERT_EQ(server.sent, "\xff\0\0\0\0\0\0\0\3\x7fme"s);
      ASSERT_THAT(server.log, ElementsAre("handshake  1.0 id=" + names[which], "message [a][b]", "message []",
                                          "message [" + std::string(300, 'c') + "]", "message [hi]",
                                          "message [" + std::string(253, 'd') + "]"));
      ASSERT_TRUE(server.peer.direct_room().empty());
    }
  }
}

TEST(old_peers, a_1_0_peer_gets_frames_in_its_own_form) {
  listener server(socket_type::dealer);
  server.feed("\1\0"sv);
  const std::string canonical = frame("a", 1) + frame("") + frame(std::string(253, 'b')) +
                                frame(std::string(254, 'c')) + frame(std::string(256, 'd'));
  EXPECT_EQ(server.in_its_form(canonical), "\2\1a\1\0"s + "\xfe\0"s + std::string(253, 'b') +
                                               "\xff\0\0\0\0\0\0\0\xff\0"s + std::string(254, 'c') +
                                               "\xff\0\0\0\0\0\0\1\1\0"s + std::string(256, 'd'));
  std::vector<std::byte> out;
  server.peer.encode_subscription(true, as_octets("t"), out);
  server.peer.encode_ping(1, {}, out);
  server.peer.encode_sign_of_life(out);
  EXPECT_EQ(server.in_its_form(text_of(out)), "\3\0\1t"s);
}

TEST(old_peers, a_1_0_peer_of_a_publisher_is_subscribed_to_everything) {
  listener server(socket_type::pub);
  server.feed("\1\0"sv);
  EXPECT_THAT(server.log, ElementsAre("handshake  1.0 id=", "subscribe "));
}

TEST(old_peers, two_of_us_could_talk_zmtp_1_0) {
  listener server(socket_type::dealer);
  server.feed("\1\0"sv);
  const std::string canonical = frame("x", 1) + frame(std::string(70'000, 'y')) + frame("z");
  server.feed(server.in_its_form(canonical));
  EXPECT_THAT(server.log, ElementsAre("handshake  1.0 id=", "message [x][" + std::string(70'000, 'y') + "]",
                                      "message [z]"));
}

TEST(old_peers, revision_0_behind_a_signature_means_1_0_framing) {
  listener server(with_id(socket_type::router, "me"));
  server.feed(signature + "\0\5"s +
              "\4\x01"
              "bob"s +
              "\3\0hi"s);
  EXPECT_EQ(server.sent, "\xff\0\0\0\0\0\0\0\3\x7f"s + "\3\6"s + "\3\0me"s);
  EXPECT_THAT(server.log, ElementsAre("handshake DEALER 1.0 id=bob", "message [hi]"));
}

TEST(old_peers, a_1_0_peer_that_leaves_inside_a_header_left_in_mid_message) {
  listener server(socket_type::pull);
  server.feed("\1\0\xff\0\0"sv);
  server.close();
  EXPECT_THAT(server.detail, ::testing::HasSubstr("in the middle of a message"));
}

}  // namespace
}  // namespace monocoque::zmtp
