// Peers of ZMTP 3.0, 2.0 and 1.0, written by hand, exchange messages with us.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

namespace monocoque::test {
namespace {

using namespace std::string_literals;

const std::string own_signature = "\xff\0\0\0\0\0\0\0\x01\x7f"s;

/// ZMTP 2.0: signature, revision 1, socket type, an identity frame.
void shake_hands_v2(const raw_peer& peer, int socket_type, std::string_view identity = {}) {
  peer.send(own_signature + "\x01"s + static_cast<char>(socket_type) + speak::frame(identity));
  const std::string answer = peer.receive(14);
  EXPECT_EQ(answer.substr(0, 10), own_signature);
  EXPECT_EQ(answer.substr(12), "\0\0"s);  // no identity
}

/// ZMTP 1.0: an identity frame. What we say first must read as one, too.
void shake_hands_v1(const raw_peer& peer, std::string_view identity = {}) {
  peer.send(speak::v1_frame(identity));
  const std::string answer = peer.receive(10);
  EXPECT_EQ(answer.substr(0, 9), "\xff\0\0\0\0\0\0\0\x01"s);
}

TEST(old_peer, of_zmtp_3_0_talks_to_a_dealer) {
  context ctx;
  dealer ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands(old, "DEALER", 0, speak::property("Identity", "me"));
  old.send(speak::frame("a", true) + speak::frame("b"));
  const message received = must_receive(ours);
  EXPECT_EQ(received, message::of({"a", "b"}));
  ASSERT_NE(received.peer(), nullptr);
  EXPECT_EQ(received.peer()->zmtp_major, 3);
  EXPECT_EQ(received.peer()->zmtp_minor, 0);
  EXPECT_EQ(received.peer()->routing_id, "me");
  ours.send("back");
  EXPECT_EQ(old.receive(6), speak::frame("back"));
}

TEST(old_peer, of_zmtp_3_0_subscribes_by_messages) {
  context ctx;
  xpub ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands(old, "SUB", 0);
  old.send(speak::frame("\x01topic"));
  EXPECT_EQ(must_receive(ours).view(), "\x01topic");
  ours.send("other");
  ours.send("topic!");
  EXPECT_EQ(old.receive(8), speak::frame("topic!"));
}

TEST(old_peer, of_zmtp_3_0_is_subscribed_to_by_messages) {
  context ctx;
  sub ours(ctx);
  ours.subscribe("topic");
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands(old, "PUB", 0);
  EXPECT_EQ(old.receive(8), speak::frame("\x01topic"));
  old.send(speak::frame("other") + speak::frame("topic!"));
  EXPECT_EQ(must_receive(ours).view(), "topic!");
}

TEST(new_peer, of_zmtp_3_1_is_subscribed_to_by_commands) {
  context ctx;
  sub ours(ctx);
  ours.subscribe("topic");
  ours.bind("tcp://127.0.0.1:0");
  raw_peer peer(ours.last_endpoint());
  shake_hands(peer, "PUB");
  const std::string subscribe = speak::command("SUBSCRIBE", "topic");
  EXPECT_EQ(peer.receive(subscribe.size()), subscribe);
  ours.unsubscribe("topic");
  const std::string cancel = speak::command("CANCEL", "topic");
  EXPECT_EQ(peer.receive(cancel.size()), cancel);
}

TEST(new_peer, of_zmtp_3_1_subscribes_by_commands) {
  context ctx;
  xpub ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer peer(ours.last_endpoint());
  shake_hands(peer, "SUB");
  peer.send(speak::command("SUBSCRIBE", "a"));
  EXPECT_EQ(must_receive(ours).view(),
            "\x01"
            "a");
  ours.send("abc");
  EXPECT_EQ(peer.receive(5), speak::frame("abc"));
  peer.send(speak::command("CANCEL", "a"));
  EXPECT_EQ(must_receive(ours).view(), "\0a"s);
}

TEST(new_peer, of_a_version_to_come_is_spoken_to_as_zmtp_3_1) {
  context ctx;
  dealer ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer later(ours.last_endpoint());
  later.send(speak::greeting(4, 7) + speak::ready("DEALER") + speak::frame("hello"));
  EXPECT_EQ(must_receive(ours).view(), "hello");
}

TEST(old_peer, of_zmtp_2_0_talks_to_a_dealer) {
  context ctx;
  dealer ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands_v2(old, 5);
  old.send(speak::frame("a", true) + speak::frame(std::string(300, 'b')));
  const message received = must_receive(ours);
  EXPECT_EQ(received, message::of({"a", std::string(300, 'b')}));
  EXPECT_EQ(received.peer()->zmtp_major, 2);
  EXPECT_EQ(received.peer()->socket_type, "DEALER");
  ours.send(message::of({"x", std::string(300, 'y')}));
  EXPECT_EQ(old.receive(3 + 309), speak::frame("x", true) + speak::frame(std::string(300, 'y')));
}

TEST(old_peer, of_zmtp_2_0_has_its_identity_known_to_a_router) {
  context ctx;
  router ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands_v2(old, 5, "me");
  old.send(speak::frame("hello"));
  EXPECT_EQ(must_receive(ours), message::of({"me", "hello"}));
  ours.send(message::of({"me", "back"}));
  EXPECT_EQ(old.receive(6), speak::frame("back"));
}

TEST(old_peer, of_zmtp_2_0_with_an_illegal_type_is_refused) {
  context ctx;
  pull ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  old.send(own_signature + "\x01\x02"s + speak::frame(""));  // SUB
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::socket_type_mismatch);
}

TEST(old_peer, of_zmtp_1_0_talks_to_a_dealer) {
  context ctx;
  dealer ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands_v1(old);
  for (const std::size_t size : {0U, 1U, 253U, 254U, 255U, 256U, 65536U}) {
    const std::string body(size, 'b');
    old.send(speak::v1_frame("a", true) + speak::v1_frame(body));
    const message received = must_receive(ours);
    EXPECT_EQ(received, message::of({"a", body}));
    EXPECT_EQ(received.peer()->zmtp_major, 1);
    ours.send(message::of({"x", body}));
    const std::string answer = speak::v1_frame("x", true) + speak::v1_frame(body);
    EXPECT_EQ(old.receive(answer.size()), answer);
  }
}

TEST(old_peer, of_zmtp_1_0_sends_requests) {
  context ctx;
  rep ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands_v1(old, "me");
  old.send(speak::v1_frame("", true) + speak::v1_frame("question"));
  EXPECT_EQ(must_receive(ours).view(), "question");
  ours.send("answer");
  const std::string answer = speak::v1_frame("", true) + speak::v1_frame("answer");
  EXPECT_EQ(old.receive(answer.size()), answer);
}

TEST(old_peer, of_zmtp_1_0_hears_everything_a_publisher_says) {
  context ctx;
  xpub ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer old(ours.last_endpoint());
  shake_hands_v1(old);
  EXPECT_EQ(must_receive(ours).view(), "\x01");  // it cannot subscribe and is taken to want everything
  ours.send("news");
  EXPECT_EQ(old.receive(6), speak::v1_frame("news"));
}

}  // namespace
}  // namespace monocoque::test
