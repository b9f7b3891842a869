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
                                         refused.peer_address + ": "))
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

}  // namespace
}  // namespace monocoque::test
