// Heartbeats (RFC 37): who gives no sign of life is given up, whoever connected to whom, and nobody else.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// The next frame, of a message or a command, without its header.
std::string body_of_next(const raw_peer& from) {
  const std::string head = from.receive(2);
  if ((head[0] & 2) == 0) return from.receive(static_cast<unsigned char>(head[1]));
  std::size_t size = static_cast<unsigned char>(head[1]);
  for (const char octet : from.receive(7)) size = size << 8U | static_cast<unsigned char>(octet);
  return from.receive(size);
}

struct ping {
  std::string ttl;
  std::string context;
};
/// The next PING; messages before it are passed over.
ping next_ping(const raw_peer& from) {
  for (;;) {
    const std::string body = body_of_next(from);
    if (body.starts_with("\x04PING")) return {body.substr(5, 2), body.substr(7)};
  }
}

/// More than the sockets of these tests let in at once: "0" to "4".
std::string five_messages() {
  std::string many;
  for (int i = 0; i < 5; ++i) many += speak::frame(std::to_string(i));
  return many;
}

enum class role { accepted, dialled };

class heartbeats : public testing::TestWithParam<role> {
 protected:
  /// A raw peer that has shaken hands with `ours`.
  raw_peer meet(socket& ours, std::string_view type, int minor = 1) {
    if (GetParam() == role::dialled) {
      ours.connect(place_.endpoint());
      raw_peer peer = place_.accept();
      shake_hands(peer, type, minor);
      return peer;
    }
    if (ours.last_endpoint().empty()) ours.bind("tcp://127.0.0.1:0");
    raw_peer peer(ours.last_endpoint());
    shake_hands(peer, type, minor);
    return peer;
  }

  context ctx_;
  raw_listener place_;
};

TEST_P(heartbeats, are_answered_or_the_connection_is_over) {
  dealer ours(ctx_, {.heartbeat_interval = 50ms, .heartbeat_timeout = 200ms, .heartbeat_ttl = 1500ms});
  monitor events = ours.monitor();
  const raw_peer peer = meet(ours, "DEALER");
  for (int i = 0; i < 6; ++i) {
    const ping asked = next_ping(peer);
    EXPECT_EQ(asked.ttl, "\x00\x0f"s);
    EXPECT_LE(asked.context.size(), 16U);
    peer.send(speak::command("PONG", asked.context));
  }
  const event missed = await_event(events, event_kind::heartbeat_missed);
  EXPECT_EQ(missed.reason, errc::heartbeat_timeout);
  EXPECT_EQ(missed.reason.detail(), "nothing came for 200 ms after a PING");
  ASSERT_NE(missed.peer, nullptr);
  EXPECT_EQ(missed.peer->socket_type, "DEALER");
  EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::heartbeat_timeout);
  (void)peer.receive_until_closed();
}

TEST_P(heartbeats, show_how_long_the_way_there_and_back_takes) {
  dealer ours(ctx_, {.heartbeat_interval = 20ms, .heartbeat_timeout = patience});
  const raw_peer peer = meet(ours, "DEALER");
  const auto round_trip = [&] {
    const std::vector<peer_status> all = ours.peers();
    return all.size() == 1 ? all.front().heartbeat_round_trip : 0ns;
  };
  peer.send(speak::command("PONG", "a PING that was never sent"));
  while (round_trip() == 0ns) peer.send(speak::command("PONG", next_ping(peer).context));
  EXPECT_LT(round_trip(), patience);
}

TEST_P(heartbeats, are_timed_though_the_answer_takes_longer_than_the_interval) {
  dealer ours(ctx_, {.heartbeat_interval = 20ms, .heartbeat_timeout = patience});
  const raw_peer peer = meet(ours, "DEALER");
  const ping first = next_ping(peer);
  (void)next_ping(peer);
  const ping third = next_ping(peer);
  peer.send(speak::command("PONG", first.context));
  const auto timed = [&] { return ours.peers().at(0).heartbeats; };
  while (timed() == 0) (void)next_ping(peer);
  EXPECT_GE(ours.peers().at(0).heartbeat_round_trip, 40ms);
  // Answers to what was not timed count for nothing.
  peer.send(speak::command("PONG", third.context));
  peer.send(speak::command("PONG", first.context));
  for (int i = 0; i < 3; ++i) (void)next_ping(peer);
  EXPECT_EQ(timed(), 1U);
}

TEST_P(heartbeats, take_any_message_for_a_sign_of_life) {
  dealer ours(ctx_, {.heartbeat_interval = 20ms, .heartbeat_timeout = 2s});
  const raw_peer peer = meet(ours, "DEALER");
  for (int i = 0; i < 20; ++i) {
    (void)next_ping(peer);
    peer.send(speak::frame("instead of an answer"));
    EXPECT_EQ(must_receive(ours).view(), "instead of an answer");
  }
  EXPECT_EQ(ours.peer_count(), 1U);
}

TEST_P(heartbeats, go_out_between_the_messages_of_a_busy_link) {
  dealer ours(ctx_, {.linger = 0ms,
                     .heartbeat_interval = 20ms,
                     .heartbeat_timeout = patience,
                     .kernel_send_buffer = 65'536});
  const raw_peer peer = meet(ours, "DEALER");
  std::jthread busy([&](const std::stop_token& stop) {
    while (ours.send(as_result, message::of({"of two frames", std::string(5000, 'x')}), stop)) {
    }
  });
  for (int i = 0; i < 3; ++i) peer.send(speak::command("PONG", next_ping(peer).context));
  busy.request_stop();
  busy.join();
  EXPECT_EQ(ours.peer_count(), 1U);
}

TEST_P(heartbeats, give_up_a_peer_that_takes_nothing_and_says_nothing) {
  // The link is full of messages, so that no PING gets out.
  dealer ours(ctx_, {.send_high_water_mark = 1'000'000,
                     .linger = 0ms,
                     .heartbeat_interval = 50ms,
                     .kernel_send_buffer = 4096});
  monitor events = ours.monitor();
  const raw_peer deaf = meet(ours, "DEALER");
  await_handshakes(events, 1);
  // As many as can be, for it may be given up before.
  for (int i = 0; i < 20; ++i) static_cast<void>(ours.try_send(std::string(1'000'000, 'x')));
  EXPECT_EQ(await_event(events, event_kind::heartbeat_missed).reason, errc::heartbeat_timeout);
}

TEST_P(heartbeats, keep_the_time_to_live_that_the_peer_asks_for) {
  dealer ours(ctx_);
  monitor events = ours.monitor();
  const raw_peer peer = meet(ours, "DEALER");
  peer.send(speak::command("PING", "\x00\x02"s + "context"));
  EXPECT_EQ(body_of_next(peer), "\x04PONGcontext");
  const event missed = await_event(events, event_kind::heartbeat_missed);
  EXPECT_EQ(missed.reason, errc::heartbeat_timeout);
  EXPECT_EQ(missed.reason.detail(),
            "nothing came for 200 ms, the time to live that the peer's PING asked for");
  (void)peer.receive_until_closed();
}

TEST_P(heartbeats, ask_nothing_of_a_peer_that_does_not_know_them) {
  dealer ours(ctx_, {.heartbeat_interval = 20ms, .heartbeat_timeout = 20ms});
  monitor events = ours.monitor();
  const raw_peer old = meet(ours, "DEALER", 0);
  await_handshakes(events, 1);
  if (GetParam() == role::dialled) {
    ours.bind("tcp://127.0.0.1:0");
  }
  // A newer one that does not answer shows that the time is over.
  raw_peer silent(ours.last_endpoint());
  shake_hands(silent, "DEALER");
  const event missed = await_event(events, event_kind::heartbeat_missed);
  EXPECT_EQ(missed.peer_address, silent.address());
  old.send(speak::frame("still here"));
  EXPECT_EQ(must_receive(ours).view(), "still here");
}

TEST_P(heartbeats, do_not_blame_a_peer_that_is_not_read) {
  dealer ours(ctx_, {.receive_high_water_mark = 2, .heartbeat_interval = 20ms, .heartbeat_timeout = 20ms});
  monitor events = ours.monitor();
  const raw_peer talks = meet(ours, "DEALER");
  await_handshakes(events, 1);
  // More than we take: its answers stay unread behind them.
  const std::string many = five_messages();
  talks.send(many);
  if (GetParam() == role::dialled) ours.bind("tcp://127.0.0.1:0");
  for (int i = 0; i < 3; ++i) {
    raw_peer silent(ours.last_endpoint());
    shake_hands(silent, "DEALER");
    EXPECT_EQ(await_event(events, event_kind::heartbeat_missed).peer_address, silent.address());
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(must_receive(ours).view(), std::to_string(i));
}

/// Its PINGs lie unread behind messages that nobody takes: it hears of us all the same.
TEST_P(heartbeats, tell_a_peer_that_is_not_read_that_we_are_there) {
  dealer ours(ctx_, {.receive_high_water_mark = 2});
  monitor events = ours.monitor();
  const raw_peer talks = meet(ours, "DEALER");
  await_handshakes(events, 1);
  const std::string many = five_messages();
  talks.send(speak::command("PING", "\0\0"s + "first") + many + speak::command("PING", "\0\0"s + "context"));
  EXPECT_EQ(body_of_next(talks), "\x04PONGfirst");
  EXPECT_EQ(body_of_next(talks), "\x04PONG");
  EXPECT_EQ(body_of_next(talks), "\x04PONG");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(must_receive(ours).view(), std::to_string(i));
  while (body_of_next(talks) != "\x04PONGcontext") {
  }
}

/// libzmq without heartbeats closed with such a PONG unread, so that its system reset the connection, and
/// what it had sent before was lost.
TEST_P(heartbeats, say_nothing_to_a_peer_that_sends_none_while_it_is_not_read) {
  dealer ours(ctx_, {.receive_high_water_mark = 2});
  monitor events = ours.monitor();
  const raw_peer talks = meet(ours, "DEALER");
  await_handshakes(events, 1);
  const std::string many = five_messages();
  talks.send(many);
  if (GetParam() == role::dialled) ours.bind("tcp://127.0.0.1:0");
  // Another one that does, and shows that time enough has passed.
  raw_peer clock(ours.last_endpoint());
  shake_hands(clock, "DEALER");
  clock.send(speak::command("PING", "\0\0"s + "first") + many);
  EXPECT_EQ(body_of_next(clock), "\x04PONGfirst");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(body_of_next(clock), "\x04PONG");
  for (int i = 0; i < 10; ++i) (void)must_receive(ours);
  talks.send(speak::command("PING", "\0\0"s + "last"));
  EXPECT_EQ(body_of_next(talks), "\x04PONGlast");
}

INSTANTIATE_TEST_SUITE_P(as, heartbeats, testing::Values(role::accepted, role::dialled),
                         [](const auto& parameter) {
                           return std::string(parameter.param == role::accepted ? "accepted" : "dialled");
                         });

TEST(heartbeat, over_a_half_open_connection_is_missed_and_the_next_connection_serves) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = 1ms, .heartbeat_interval = 50ms});
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  const raw_peer vanished = place.accept();  // as after a cable was pulled: no answer, no end
  shake_hands(vanished, "PULL");
  EXPECT_EQ(await_event(events, event_kind::heartbeat_missed).reason, errc::heartbeat_timeout);
  const raw_peer next = place.accept();
  shake_hands(next, "PULL");
  ours.send("found again");
  for (std::string body; body != "found again";) body = body_of_next(next);
}

TEST(heartbeat, in_an_inline_context_is_the_loops_business) {
  context ctx(inline_loop);
  dealer one(ctx, {.heartbeat_interval = 10ms, .heartbeat_timeout = patience});
  dealer other(ctx);
  one.bind("tcp://127.0.0.1:0");
  other.connect(one.last_endpoint());
  const auto answered = [&] {
    const std::vector<peer_status> all = one.peers();
    return !all.empty() && all.front().heartbeat_round_trip > 0ns;
  };
  while (!answered()) ctx.run_for(10ms);
  EXPECT_EQ(one.peer_count(), 1U);
}

}  // namespace
}  // namespace monocoque::test
