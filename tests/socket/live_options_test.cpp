// Options that change while a socket is in use: at once, or for the endpoints that come after.

#include "tests/socket/live_options_support.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(contexts, live_options, testing::Bool(), loop_name);

TEST_P(live_options, that_are_wrong_change_nothing) {
  push out(ctx_, {.send_high_water_mark = 7, .linger = 0ms});
  const result<void> illegal = change(out, [](socket_options& o) {
    o.linger = 1s;
    o.send_high_water_mark = -1;
  });
  ASSERT_FALSE(illegal);
  EXPECT_EQ(illegal.error(), errc::invalid_argument);
  const result<void> foreign = change(out, [](socket_options& o) {
    o.linger = 1s;
    o.router_mandatory = true;
  });
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error(), errc::not_supported);
  EXPECT_EQ(out.core()->current_options()->send_high_water_mark, 7);
  EXPECT_EQ(out.core()->current_options()->linger, 0ms);
}

TEST_P(live_options, are_shown_apart_from_those_it_was_made_with) {
  push out(ctx_, {.send_high_water_mark = 7});
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_high_water_mark = 8; }));
  EXPECT_EQ(out.core()->current_options()->send_high_water_mark, 8);
  EXPECT_EQ(out.options().send_high_water_mark, 7);
}

TEST_P(live_options, of_a_closed_socket_change_no_more) {
  push out(ctx_);
  const std::shared_ptr<engine::socket_core> core = out.core();
  out.close();
  const result<void> late = core->change_options({});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), errc::closed);
}

TEST_P(live_options, what_a_full_queue_does_is_fixed_by_the_first_endpoint) {
  push out(ctx_, {.send_high_water_mark = 2, .linger = 0ms});
  EXPECT_TRUE(change(out, [](socket_options& o) { o.when_full = full_policy::drop_newest; }));
  out.connect(nowhere);
  EXPECT_EQ(fill(out, 1, 5), 5);
  EXPECT_EQ(out.dropped_count(), 3U);
  const auto late = {full_policy::wait, full_policy::drop_oldest};
  for (const full_policy other : late) {
    const result<void> changed = change(out, [&](socket_options& o) { o.when_full = other; });
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error(), errc::wrong_state);
  }
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_timeout = 1s; })) << "others may change";
}

TEST_P(live_options, conflate_is_fixed_by_the_first_endpoint_over_inproc_too) {
  pull in(ctx_);
  EXPECT_TRUE(change(in, [](socket_options& o) { o.conflate = true; }));
  in.bind("inproc://conflated");
  push out(ctx_);
  out.connect("inproc://conflated");
  for (const char* each : {"1", "2", "3"}) out.send(each);
  EXPECT_EQ(must_receive(in).str(), "3");
  const result<void> late = change(in, [](socket_options& o) { o.conflate = false; });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), errc::wrong_state);
}

// -- what counts for endpoints that come after

TEST_P(live_options, leave_a_connected_endpoint_and_its_later_connections_as_they_were) {
  router in(ctx_);
  in.bind("tcp://127.0.0.1:0");
  dealer out(ctx_, {.routing_id = bytes::copy(std::string_view("first")), .reconnect_interval = 1ms});
  monitor events = out.monitor();
  out.connect(in.last_endpoint());
  out.send("1");
  const message one = must_receive(in);
  EXPECT_EQ(one[0], "first");
  EXPECT_TRUE(change(out, [](socket_options& o) { o.routing_id = bytes::copy(std::string_view("second")); }));
  in.disconnect(*one.peer());
  (void)await_event(events, event_kind::disconnected);
  out.send("2");
  EXPECT_EQ(must_receive(in)[0], "first");

  out.connect(in.last_endpoint());
  out.send("3");
  out.send("4");
  const std::set<std::string> from{must_receive(in)[0].str(), must_receive(in)[0].str()};
  EXPECT_EQ(from, (std::set<std::string>{"first", "second"}));
}

TEST_P(live_options, leave_a_bound_endpoint_as_it_was) {
  for (const char* const where : {"tcp://127.0.0.1:0", "inproc://"}) {
    const bool inproc = std::string_view(where) == "inproc://";
    push out(ctx_);
    out.bind(inproc ? "inproc://before" : where);
    const std::string before = out.last_endpoint();
    EXPECT_TRUE(
        change(out, [](socket_options& o) { o.hello_message = bytes::copy(std::string_view("hello")); }));
    pull early(ctx_);
    early.connect(before);
    out.send("a message");
    EXPECT_EQ(must_receive(early).str(), "a message") << where;
    early.close();

    out.bind(inproc ? "inproc://after" : where);
    pull late(ctx_);
    late.connect(out.last_endpoint());
    EXPECT_EQ(must_receive(late).str(), "hello") << where;
  }
}

TEST_P(live_options, of_last_words_are_those_of_the_connection_over_inproc) {
  pull in(ctx_, {.disconnect_message = bytes::copy(std::string_view("gone"))});
  in.bind("inproc://words");
  EXPECT_TRUE(
      change(in, [](socket_options& o) { o.disconnect_message = bytes::copy(std::string_view("other")); }));
  {
    push out(ctx_);
    out.connect("inproc://words");
    out.send("1");
    EXPECT_EQ(must_receive(in).str(), "1");
  }
  EXPECT_EQ(must_receive(in).str(), "gone");
}

TEST_P(live_options, decide_whether_the_next_connected_endpoint_keeps_messages) {
  push out(ctx_, {.linger = 0ms});
  EXPECT_TRUE(change(out, [](socket_options& o) { o.immediate = true; }));
  out.connect(nowhere);
  EXPECT_FALSE(out.try_send("nobody is there"));
  EXPECT_TRUE(change(out, [](socket_options& o) { o.immediate = false; }));
  EXPECT_FALSE(out.try_send("nobody is there")) << "for that endpoint it is as it was";
  out.connect(nowhere);
  EXPECT_TRUE(out.try_send("kept"));
}

TEST_P(live_options, limit_the_connections_that_come_in) {
  pull in(ctx_);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  push first(ctx_, {.linger = 0ms}), second(ctx_, {.linger = 0ms});
  first.connect(in.last_endpoint());
  await_handshakes(events, 1);
  EXPECT_TRUE(change(in, [](socket_options& o) { o.max_connections = 1; }));
  second.connect(in.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::refused).reason, errc::limit_reached);
  EXPECT_TRUE(change(in, [](socket_options& o) { o.max_connections = 2; }));
  await_handshakes(events, 1);
}

// -- what counts at once

TEST_P(live_options, of_linger_count_when_it_closes) {
  push out(ctx_);
  out.connect(nowhere);
  out.send("never sent");
  EXPECT_TRUE(change(out, [](socket_options& o) { o.linger = 0ms; }));
  EXPECT_EQ(out.close(patience), 1U);
}

TEST_P(live_options, of_waiting_count_for_the_next_wait) {
  pull in(ctx_);
  in.bind("tcp://127.0.0.1:0");
  EXPECT_TRUE(change(in, [](socket_options& o) {
    o.receive_timeout = 1ms;
    o.send_timeout = 2ms;
  }));
  EXPECT_EQ(in.core()->timeout(engine::direction::receive), 1ms);
  EXPECT_EQ(in.core()->timeout(engine::direction::send), 2ms);
  if (!GetParam()) return;
  error outcome;
  const auto wait_for_nothing = [](pull& from, error& why) -> task<> {
    try {
      (void)co_await from.async_receive();
    } catch (const exception& thrown) {
      why = thrown.reason();
    }
  };
  ctx_.run(wait_for_nothing(in, outcome));
  EXPECT_EQ(outcome, errc::timed_out);
}

TEST_P(live_options, of_a_router_count_for_the_next_message) {
  router out(ctx_);
  out.bind("tcp://127.0.0.1:0");
  out.send(message::of({"nobody", "dropped"}));
  EXPECT_TRUE(change(out, [](socket_options& o) { o.router_mandatory = true; }));
  message refused = message::of({"nobody", "refused"});
  const result<void> sent = out.try_send(as_result, refused);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), errc::unroutable);
}

TEST_P(live_options, of_a_request_count_for_the_next_one) {
  req out(ctx_, {.linger = 0ms});
  out.connect(nowhere);
  out.send("1");
  EXPECT_EQ(code_thrown_by([&] { out.send("2"); }), errc::wrong_state);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.req_relaxed = true; }));
  out.send("2");
}

TEST_P(live_options, of_greetings_count_for_the_next_peer) {
  xpub out(ctx_, {.report_subscriptions = subscription_reports::verbose});
  out.bind("tcp://127.0.0.1:0");
  sub early(ctx_), late(ctx_);
  for (sub* each : {&early, &late}) each->subscribe("");
  monitor events = out.monitor();
  early.connect(out.last_endpoint());
  await_handshakes(events, 1);
  EXPECT_TRUE(
      change(out, [](socket_options& o) { o.welcome_message = bytes::copy(std::string_view("welcome")); }));
  late.connect(out.last_endpoint());
  EXPECT_EQ(must_receive(late).str(), "welcome");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(must_receive(out).str(), "\1");
  out.send("to all");
  EXPECT_EQ(must_receive(early).str(), "to all");
}

TEST_P(live_options, of_a_subscriber_turn_its_filter_round) {
  pub out(ctx_);
  out.bind("tcp://127.0.0.1:0");
  sub in(ctx_);
  in.subscribe("A");
  monitor events = out.monitor();
  in.connect(out.last_endpoint());
  await_handshakes(events, 1);
  for (const monocoque::socket* each :
       {static_cast<monocoque::socket*>(&out), static_cast<monocoque::socket*>(&in)})
    EXPECT_TRUE(change(*each, [](socket_options& o) { o.invert_matching = true; }));
  for (const char* topic : {"B", "A", "C"}) out.send(topic);
  EXPECT_EQ(must_receive(in).str(), "B");
  EXPECT_EQ(must_receive(in).str(), "C");
}

}  // namespace
}  // namespace monocoque::test
