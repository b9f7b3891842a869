// The monitor tells what happens to connections, in order, in words.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

TEST(monitor_events, tell_the_life_of_a_connection_on_both_sides) {
  context ctx;
  pull in(ctx);
  monitor in_events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  const std::string place = in.last_endpoint();
  EXPECT_EQ(await_event(in_events, event_kind::listening).endpoint, place);

  push out(ctx);
  monitor out_events = out.monitor();
  out.connect(place);
  const event connected = await_event(out_events, event_kind::connected);
  EXPECT_EQ(connected.endpoint, place);
  EXPECT_EQ(connected.peer_address, place);
  const event done = await_event(out_events, event_kind::handshake_done);
  ASSERT_NE(done.peer, nullptr);
  EXPECT_EQ(done.peer->socket_type, "PULL");

  const event accepted = await_event(in_events, event_kind::accepted);
  EXPECT_EQ(accepted.endpoint, place);
  EXPECT_EQ(await_event(in_events, event_kind::handshake_done).peer->socket_type, "PUSH");

  out.close();
  const event gone = await_event(in_events, event_kind::disconnected);
  EXPECT_EQ(gone.reason, errc::peer_disconnected);
  EXPECT_EQ(gone.peer_address, accepted.peer_address);
  ASSERT_NE(gone.peer, nullptr);
  EXPECT_EQ(gone.peer->socket_type, "PUSH");
  in.close();
  EXPECT_EQ(await_event(in_events, event_kind::closed).endpoint, place);
}

TEST(monitor_events, of_one_connection_have_one_descriptor) {
  context ctx;
  pull in(ctx);
  monitor in_events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  const int listening = await_event(in_events, event_kind::listening).descriptor;
  EXPECT_GE(listening, 0);
  push out(ctx);
  monitor out_events = out.monitor();
  out.connect(in.last_endpoint());
  const int connected = await_event(out_events, event_kind::connected).descriptor;
  const int accepted = await_event(in_events, event_kind::accepted).descriptor;
  EXPECT_GE(connected, 0);
  EXPECT_GE(accepted, 0);
  EXPECT_NE(connected, accepted);
  EXPECT_EQ(await_event(out_events, event_kind::handshake_done).descriptor, connected);
  const event done = await_event(in_events, event_kind::handshake_done);
  EXPECT_EQ(done.descriptor, accepted);
  EXPECT_EQ(done.peer->descriptor, accepted);

  out.send("hello");
  EXPECT_EQ(must_receive(in).peer()->descriptor, accepted);
  out.close();
  EXPECT_EQ(await_event(in_events, event_kind::disconnected).descriptor, accepted);
  in.close();
  EXPECT_EQ(await_event(in_events, event_kind::closed).descriptor, listening);
}

TEST(monitor_events, of_inproc_have_no_descriptor) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  in.bind("inproc://here");
  push out(ctx);
  out.connect("inproc://here");
  const event done = await_event(events, event_kind::handshake_done);
  EXPECT_EQ(done.descriptor, -1);
  EXPECT_EQ(done.peer->descriptor, -1);
}

TEST(monitor_events, read_well) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  EXPECT_EQ(await_event(events, event_kind::listening).text(), "listening " + in.last_endpoint());
  sub wrong(ctx);
  monitor wrong_events = wrong.monitor();
  wrong.connect(in.last_endpoint());
  const event refused = await_event(events, event_kind::handshake_failed);
  EXPECT_TRUE(refused.text().starts_with("handshake failed " + in.last_endpoint() + ", peer " +
                                         refused.peer_address + ", SUB: "))
      << refused.text();
  const event other_side = await_event(wrong_events, event_kind::handshake_failed);
  EXPECT_TRUE(other_side.reason == errc::socket_type_mismatch || other_side.reason == errc::refused_by_peer)
      << other_side.text();
}

TEST(monitor_events, are_those_of_an_illegal_pair_on_both_sides) {
  context ctx;
  req bound(ctx);
  monitor events = bound.monitor();
  bound.bind("tcp://127.0.0.1:0");
  pub other(ctx);
  other.connect(bound.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::socket_type_mismatch);
  EXPECT_EQ(bound.peer_count(), 0U);
}

TEST(monitor_events, that_nobody_takes_are_counted) {
  context ctx;
  pull in(ctx);
  monitor lazy = in.monitor();
  for (int i = 0; i < 700; ++i) {
    in.bind("tcp://127.0.0.1:0");
    in.unbind(in.last_endpoint());
  }
  in.close();  // the end of the events
  std::uint64_t missed = 0;
  std::size_t taken = 0;
  while (const result<event> next = lazy.receive_for(as_result, patience)) {
    missed += next->missed;
    ++taken;
  }
  EXPECT_LE(taken, 1000U);
  EXPECT_GE(missed, 300U);
  EXPECT_GE(missed + taken, 1400U);
}

TEST(monitor_events, go_to_every_monitor) {
  context ctx;
  pull in(ctx);
  monitor one = in.monitor(), two = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  EXPECT_EQ(await_event(one, event_kind::listening).endpoint, in.last_endpoint());
  EXPECT_EQ(await_event(two, event_kind::listening).endpoint, in.last_endpoint());
}

TEST(monitor_events, may_be_waited_for_with_a_deadline_and_a_token) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  EXPECT_EQ(events.receive_for(as_result, 1ms).error(), errc::timed_out);
  EXPECT_FALSE(events.try_receive());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(events.receive(as_result, stop.get_token()).error(), errc::cancelled);
}

TEST(monitor_events, say_all_that_the_handshake_told) {
  context ctx;
  router in(ctx);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  dealer out(ctx, {.routing_id = bytes::copy("welder\x1b"), .metadata = {{"X-Place", "hall 3"}}});
  out.connect(in.last_endpoint());
  const event done = await_event(events, event_kind::handshake_done);
  EXPECT_EQ(done.socket, socket_type::router);
  EXPECT_EQ(done.peer->mechanism, "NULL");
  EXPECT_LE(done.greeting_time, done.handshake_time);
  EXPECT_NE(done.when, std::chrono::steady_clock::time_point{});
  EXPECT_TRUE(done.text().starts_with("handshake done " + in.last_endpoint() + ", peer " + done.peer_address +
                                      ", DEALER, identity welder\\x1b, ZMTP 3.1, NULL, X-Place=hall 3"))
      << done.text();
  out.close();
  const event gone = await_event(events, event_kind::disconnected);
  EXPECT_NE(gone.text().find(", DEALER, identity welder\\x1b: "), std::string::npos) << gone.text();
}

TEST(monitor_events, name_the_peer_that_was_refused) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  sub wrong(ctx, {.metadata = {{"X-Place", "hall 3"}}});
  wrong.connect(in.last_endpoint());
  const event refused = await_event(events, event_kind::handshake_failed);
  ASSERT_NE(refused.peer, nullptr);
  EXPECT_EQ(refused.peer->socket_type, "SUB");
  EXPECT_EQ(refused.peer->mechanism, "NULL");
  EXPECT_EQ(refused.peer->metadata.at("X-Place"), "hall 3");
  EXPECT_EQ(refused.reason.endpoint(), in.last_endpoint());
  EXPECT_EQ(refused.reason.peer(), refused.peer_address);
}

TEST(monitor_events, of_a_lost_connection_say_where_and_whose_it_was) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  for (const char* const place : {"tcp://127.0.0.1:0", "inproc://lost"}) {
    in.bind(place);
    const std::string where = in.last_endpoint();
    push out(ctx);
    out.connect(where);
    const std::string peer = await_event(events, event_kind::handshake_done).peer_address;
    in.unbind(where);
    const event gone = await_event(events, event_kind::disconnected);
    EXPECT_EQ(gone.reason, errc::closed);
    EXPECT_EQ(gone.reason.endpoint(), where);
    EXPECT_EQ(gone.reason.peer(), peer);
  }
}

TEST(monitor_events, tell_of_each_attempt_to_connect) {
  context ctx;
  push out(ctx, {.reconnect_interval = std::chrono::milliseconds(1)});
  monitor events = out.monitor();
  out.connect("tcp://localhost:1");
  EXPECT_EQ(await_event(events, event_kind::connect_delayed).peer_address, "tcp://127.0.0.1:1");
  EXPECT_EQ(await_event(events, event_kind::connect_retried).endpoint, "tcp://localhost:1");
}

TEST(monitor_events, tell_of_full_queues_and_of_room_again) {
  context ctx;
  pull in(ctx, {.receive_high_water_mark = 10});
  monitor in_events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  push out(ctx, {.send_high_water_mark = 10, .linger = 0ms});
  monitor out_events = out.monitor();
  out.connect("tcp://127.0.0.1:1");
  for (int i = 0; i < 10; ++i) out.send("x");
  const event full = await_event(out_events, event_kind::high_water_reached);
  EXPECT_TRUE(full.sending);
  EXPECT_EQ(full.endpoint, "tcp://127.0.0.1:1");

  push other(ctx);
  other.connect(in.last_endpoint());
  for (int i = 0; i < 100; ++i) other.send("x");
  const event behind = await_event(in_events, event_kind::high_water_reached);
  EXPECT_FALSE(behind.sending);
  ASSERT_NE(behind.peer, nullptr);
  for (int i = 0; i < 100; ++i) (void)must_receive(in);
  EXPECT_FALSE(await_event(in_events, event_kind::high_water_left).sending);
}

TEST(monitor_events, tell_how_many_were_dropped_and_why) {
  context ctx;
  router out(ctx);
  monitor events = out.monitor();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(out.try_send(message::of({"nobody", "x"})));
  const event dropped = await_event(events, event_kind::dropped);
  EXPECT_EQ(dropped.count, 5U);
  EXPECT_EQ(dropped.why, drop_reason::unroutable);
  EXPECT_EQ(dropped.text(), "dropped: 5 messages, no such peer");
  EXPECT_FALSE(events.try_receive());
}

/// What a fan-out drops is reported as it goes on, and adds up to what is counted.
TEST(monitor_events, tell_what_a_slow_subscriber_misses) {
  context ctx;
  xpub out(ctx, {.send_high_water_mark = 10, .kernel_send_buffer = 4096});
  out.bind("tcp://127.0.0.1:0");
  sub sleeper(ctx, {.receive_high_water_mark = 1, .kernel_receive_buffer = 4096});
  sleeper.subscribe("");
  sleeper.connect(out.last_endpoint());
  (void)must_receive(out);
  monitor events = out.monitor();
  const std::string large(4000, 'x');
  for (int i = 0; i < 10'000 && out.dropped_count() < 10; ++i) out.send(large);
  EXPECT_GE(await_event(events, event_kind::high_water_reached).count, 1U);
  std::uint64_t told = 0;
  while (told < out.dropped_count()) {
    const event dropped = await_event(events, event_kind::dropped);
    EXPECT_EQ(dropped.why, drop_reason::full);
    told += dropped.count;
  }
  EXPECT_EQ(told, out.dropped_count());
}

}  // namespace
}  // namespace monocoque::test
