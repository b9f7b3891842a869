// What a peer sends wrong closes its connection, with the reason visible, and every other peer goes on.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::string_literals;

/// The failure of that very peer; good ones may come and go meanwhile.
event failure_of(monitor& events, const std::string& address, event_kind kind) {
  for (;;) {
    event next = await_event(events, kind);
    if (next.peer_address == address) return next;
  }
}

TEST(hostile_peer, is_told_why_its_type_is_refused) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer bad(ours.last_endpoint());
  bad.send(speak::greeting() + speak::ready("SUB"));
  EXPECT_NE(bad.receive_until_closed().find("\x05"
                                            "ERROR"),
            std::string::npos);
}

TEST(hostile_peer, that_says_nothing_is_dropped_after_the_handshake_timeout) {
  context ctx;
  pull ours(ctx, {.handshake_timeout = std::chrono::milliseconds(200)});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  for (const std::string& words : {std::string(), speak::greeting().substr(0, 11), speak::greeting()}) {
    raw_peer silent(ours.last_endpoint());
    silent.send(words);
    EXPECT_EQ(failure_of(events, silent.address(), event_kind::handshake_failed).reason,
              errc::handshake_timeout);
    (void)silent.receive_until_closed();
  }
}

TEST(hostile_peer, that_stays_silent_after_the_handshake_is_kept) {
  context ctx;
  pull ours(ctx, {.handshake_timeout = std::chrono::milliseconds(200)});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer quiet(ours.last_endpoint());
  shake_hands(quiet, "PUSH");
  await_handshakes(events, 1);
  // Another one that never shakes hands shows that the time is over.
  raw_peer silent(ours.last_endpoint());
  EXPECT_EQ(failure_of(events, silent.address(), event_kind::handshake_failed).reason,
            errc::handshake_timeout);
  quiet.send(speak::frame("still here"));
  EXPECT_EQ(must_receive(ours).view(), "still here");
}

TEST(hostile_peer, that_drips_octet_by_octet_is_understood) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer slow(ours.last_endpoint());
  slow.drip(speak::greeting() + speak::ready("PUSH") + speak::frame("one", true) + speak::frame("") +
            speak::frame(std::string(300, 'x')));
  EXPECT_EQ(must_receive(ours), message::of({"one", ""}));
  EXPECT_EQ(must_receive(ours).view(), std::string(300, 'x'));
}

TEST(hostile_peer, that_sends_everything_in_one_packet_is_understood) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer hasty(ours.last_endpoint());
  std::string all = speak::greeting() + speak::ready("PUSH");
  for (int i = 0; i < 1000; ++i) all += speak::frame(std::to_string(i));
  hasty.send(all);
  hasty.half_close();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(must_receive(ours).view(), std::to_string(i));
}

TEST(hostile_peer, that_half_closes_has_its_last_message_delivered) {
  context ctx;
  pull ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer leaving(ours.last_endpoint());
  shake_hands(leaving, "PUSH");
  leaving.send(speak::frame("last words"));
  leaving.half_close();
  EXPECT_EQ(failure_of(events, leaving.address(), event_kind::disconnected).reason, errc::peer_disconnected);
  EXPECT_EQ(must_receive(ours).view(), "last words");
}

TEST(hostile_peer, that_sends_unknown_commands_and_pings_goes_on) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer chatty(ours.last_endpoint());
  shake_hands(chatty, "PUSH");
  chatty.send(speak::command("FUTURE", "whatever") +
              speak::command("PING",
                             "\x00\x0a"
                             "ctx"s) +
              speak::frame("message"));
  EXPECT_EQ(must_receive(ours).view(), "message");
  EXPECT_EQ(chatty.receive(10), speak::command("PONG", "ctx"));
}

// RFC 37 says only that a peer should say its type; libzmq does not insist on it either.
TEST(hostile_peer, that_keeps_its_socket_type_to_itself_is_let_in) {
  context ctx;
  pull ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer terse(ours.last_endpoint());
  terse.send(speak::greeting() + speak::command("READY", "") + speak::frame("hello"));
  const message received = must_receive(ours);
  EXPECT_EQ(received.view(), "hello");
  EXPECT_EQ(received.peer()->socket_type, "");
}

TEST(hostile_peer, of_any_kind_many_times_leaves_no_trace) {
  context ctx;
  pull ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  for (int i = 0; i < 100; ++i) {
    raw_peer bad(ours.last_endpoint());
    bad.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(failure_of(events, bad.address(), event_kind::handshake_failed).reason, errc::bad_greeting);
  }
  EXPECT_EQ(ours.peer_count(), 0U);
}

TEST(hostile_peer, second_to_a_pair_is_refused) {
  context ctx;
  pair ours(ctx);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer first(ours.last_endpoint());
  shake_hands(first, "PAIR");
  await_handshakes(events, 1);
  raw_peer second(ours.last_endpoint());
  second.send(speak::greeting() + speak::ready("PAIR"));
  EXPECT_EQ(failure_of(events, second.address(), event_kind::handshake_failed).reason, errc::second_peer);
  first.send(speak::frame("mine"));
  EXPECT_EQ(must_receive(ours).view(), "mine");
}

// -- the other way round: we connect to something hostile

TEST(hostile_server, is_tried_again_until_it_behaves) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = std::chrono::milliseconds(1)});
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  const std::vector<std::pair<std::string, errc>> tries{
      {"220 mail.example.org ESMTP\r\n", errc::bad_greeting},
      {speak::greeting(3, 1, "PLAIN"), errc::mechanism_mismatch},
      {speak::greeting() + speak::ready("PUB"), errc::socket_type_mismatch},
      {speak::greeting() + speak::command("ERROR", "\x02no"s), errc::refused_by_peer},
  };
  for (const auto& [words, reason] : tries) {
    const raw_peer bad = place.accept();
    bad.send(words);
    EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, reason);
  }
  {
    const raw_peer dropped = place.accept();
  }
  // Closed with our greeting unread: the system calls that a reset.
  const error why = await_event(events, event_kind::handshake_failed).reason;
  EXPECT_TRUE(why == errc::peer_disconnected || why.code() == std::errc::connection_reset) << why.message();

  const raw_peer good = place.accept();
  shake_hands(good, "PULL");
  ours.send("at last");
  EXPECT_EQ(good.receive(9), speak::frame("at last"));
}

TEST(hostile_server, that_never_answers_is_given_up_after_the_handshake_timeout) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = std::chrono::milliseconds(1),
                  .handshake_timeout = std::chrono::milliseconds(100)});
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  for (int i = 0; i < 2; ++i) {
    const raw_peer silent = place.accept();
    EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::handshake_timeout);
  }
}

}  // namespace
}  // namespace monocoque::test
