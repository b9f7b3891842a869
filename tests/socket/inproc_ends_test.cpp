// Ends of inproc connections, and what the monitor says of their lives.

#include "tests/socket/inproc_support.hpp"

#include <gtest/gtest.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class inproc_ends : public inproc_fixture {};
INSTANTIATE_TEST_SUITE_P(all, inproc_ends, testing::Values(way::threaded, way::inline_loop), way_name);

TEST_P(inproc_ends, messages_outlive_their_sender) {
  pull in(ctx());
  in.bind(place);
  std::optional<push> out(std::in_place, ctx(), socket_options{.linger = 0ms});
  out->connect(place);
  for (int i = 0; i < 200; ++i) out->send(std::to_string(i));
  out.reset();
  EXPECT_EQ(in.peer_count(), 0U);
  expect_numbers(in, 0, 200);
  EXPECT_FALSE(in.try_receive());
}

TEST_P(inproc_ends, ends_of_either_side_reach_the_other) {
  for (const int end : {0, 1, 2, 3}) {
    SCOPED_TRACE(end);
    dealer bound(ctx()), connected(ctx());
    bound.bind(place);
    connected.connect(place);
    bound.send("to the connected");
    connected.send("to the bound");
    monitor events = (end < 2 ? connected : bound).monitor();
    if (end == 0) bound.close();
    if (end == 1) bound.unbind(place);
    if (end == 2) connected.close();
    if (end == 3) connected.disconnect(place);
    EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::peer_disconnected);
    EXPECT_EQ(bound.peer_count() + connected.peer_count(), 0U);
    // What was sent before may be taken by whoever is still there.
    if (end != 0) {
      EXPECT_EQ(must_receive(bound).view(), "to the bound");
      EXPECT_FALSE(bound.try_send("to nobody"));
      EXPECT_FALSE(bound.try_receive());
    }
    if (end != 2) {
      EXPECT_EQ(must_receive(connected).view(), "to the connected");
      EXPECT_FALSE(connected.try_send("to nobody"));
      EXPECT_FALSE(connected.try_receive());
    }
  }
}

TEST_P(inproc_ends, an_ended_connection_is_not_made_again) {
  pull in(ctx());
  push out(ctx());
  in.bind(place);
  out.connect(place);
  in.unbind(place);
  in.bind(place);
  EXPECT_EQ(in.peer_count(), 0U);
  out.connect(place);
  out.send("x");
  EXPECT_EQ(must_receive(in).view(), "x");
}

TEST_P(inproc_ends, contexts_and_sockets_may_go_in_any_order) {
  for (int order = 0; order < 6; ++order) {
    SCOPED_TRACE(order);
    std::optional<context> own;
    make(own);
    std::optional<dealer> bound(std::in_place, *own), connected(std::in_place, *own),
        waiting(std::in_place, *own);
    bound->bind(place);
    connected->connect(place);
    waiting->connect("inproc://nobody");
    waiting->send("to nobody");
    connected->send("unread");
    bound->send("unread");
    const auto go = [&](int what) {
      if (what == 0) own.reset();
      if (what == 1) bound.reset();
      if (what == 2) connected.reset();
    };
    go(order / 2);
    go((order / 2 + 1 + order % 2) % 3);
    go((order / 2 + 2 - order % 2) % 3);
  }
}

TEST_P(inproc_ends, sockets_of_a_context_that_shut_down_say_so) {
  dealer bound(ctx()), connected(ctx());
  bound.bind(place);
  connected.connect(place);
  ctx().shutdown();
  if (ctx().is_inline()) ctx().poll();
  EXPECT_EQ(bound.try_receive(as_result).error(), errc::terminated);
  EXPECT_EQ(connected.send(as_result, "x").error(), errc::terminated);
  EXPECT_EQ(connected.connect(as_result, place).error(), errc::terminated);
  EXPECT_EQ(bound.bind(as_result, "inproc://other").error(), errc::terminated);
}

// -- the monitor

std::vector<event_kind> kinds_of(monitor& events) {
  std::vector<event_kind> kinds;
  while (const std::optional<event> next = events.try_receive()) kinds.push_back(next->kind);
  return kinds;
}

TEST_P(inproc_ends, tells_the_life_of_a_connection_through_the_monitor) {
  using enum event_kind;
  pull in(ctx(), {.metadata = {{"X-Name", "sink"}}});
  push out(ctx(), {.metadata = {{"X-Name", "source"}}});
  monitor in_events = in.monitor(), out_events = out.monitor();
  in.bind(place);
  out.connect(place);
  const event link = await_event(out_events, event_kind::connected);
  EXPECT_EQ(link.endpoint, place);
  EXPECT_EQ(link.peer_address, place);
  const event done = await_event(out_events, handshake_done);
  ASSERT_NE(done.peer, nullptr);
  EXPECT_EQ(done.peer->socket_type, "PULL");
  EXPECT_EQ(done.peer->metadata.at("X-Name"), "sink");
  out.close();
  EXPECT_EQ(kinds_of(out_events), (std::vector{disconnected, closed}));
  in.close();
  EXPECT_EQ(kinds_of(in_events), (std::vector{listening, accepted, handshake_done, disconnected, closed}));
}

}  // namespace
}  // namespace monocoque::test
