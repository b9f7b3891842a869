// Queues have bounds, in messages and in bytes, for one peer and for all, and what happens then is a choice.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* nowhere = "tcp://127.0.0.1:1";

class flow : public testing::Test {
 protected:
  /// How many messages of that size can be sent without waiting; at most `most`.
  template <class Socket>
  static int fill(Socket& into, std::size_t size, int most = 10'000) {
    int sent = 0;
    while (sent < most && into.try_send(std::string(size, 'x'))) ++sent;
    return sent;
  }

  /// Has `in` bind a port and give it up, so that it has a name and nobody listens there.
  static std::string vacate(pull& in) {
    monitor events = in.monitor();
    in.bind("tcp://127.0.0.1:0");
    std::string place = in.last_endpoint();
    in.unbind(place);
    (void)await_event(events, event_kind::closed);
    return place;
  }

  context ctx_;
};

// -- bytes

TEST_F(flow, stops_at_the_bytes_of_one_peer) {
  push out(ctx_, {.send_byte_limit = 100'000, .linger = 0ms});
  out.connect(nowhere);
  EXPECT_EQ(fill(out, 40'000), 3) << "the one that passes the limit is the last";
}

TEST_F(flow, lets_one_message_pass_however_large) {
  push out(ctx_, {.send_byte_limit = 1, .linger = 0ms});
  out.connect(nowhere);
  EXPECT_EQ(fill(out, 1'000'000), 1);
}

TEST_F(flow, of_bytes_goes_on_when_half_is_out) {
  push out(ctx_, {.send_byte_limit = 100'000, .linger = 0ms});
  pull in(ctx_);
  in.bind("tcp://127.0.0.1:0");
  out.connect(in.last_endpoint());
  for (int i = 0; i < 500; ++i) {
    out.send(std::string(40'000, static_cast<char>('a' + i % 26)));
    if (i % 2 == 1) {
      for (int taken = 0; taken < 2; ++taken) EXPECT_EQ(must_receive(in).byte_count(), 40'000U);
    }
  }
}

TEST_F(flow, stops_at_the_bytes_of_all_peers) {
  push out(ctx_, {.send_byte_limit_total = 100'000, .linger = 0ms});
  out.connect(nowhere);
  out.connect("tcp://127.0.0.1:2");
  const int sent = fill(out, 40'000);
  EXPECT_GE(sent, 3);
  EXPECT_LE(sent, 4) << "each peer may pass the limit by one message";
}

TEST_F(flow, of_the_bytes_of_all_peers_goes_on_when_half_is_out) {
  push out(ctx_, {.send_byte_limit_total = 100'000, .linger = 0ms});
  pull early(ctx_);
  early.bind("tcp://127.0.0.1:0");
  pull late(ctx_);
  const std::string place = vacate(late);
  out.connect(early.last_endpoint());
  out.connect(place);
  const int sent = fill(out, 40'000);
  EXPECT_GE(sent, 3);
  // Who is not there holds all of it up, until it comes.
  late.bind(place);
  std::jthread more([&] {
    for (int i = 0; i < 200; ++i) out.send(std::string(40'000, 'x'));
  });
  poller both(ctx_);
  both.set(early, readiness::readable);
  both.set(late, readiness::readable);
  for (int received = 0; received < sent + 200;) {
    const auto ready = both.wait(patience);
    ASSERT_FALSE(ready.empty()) << "after " << received;
    for (pull* each : {&early, &late}) {
      while (each->try_receive()) ++received;
    }
  }
}

TEST_F(flow, of_what_is_received_stops_at_the_bytes_of_all_peers_and_goes_on) {
  pull in(ctx_, {.receive_byte_limit_total = 50'000});
  in.bind("tcp://127.0.0.1:0");
  std::vector<std::jthread> senders;
  for (int i = 0; i < 3; ++i) {
    senders.emplace_back([&] {
      push out(ctx_);
      out.connect(in.last_endpoint());
      for (int n = 0; n < 300; ++n) out.send(std::string(20'000, 'x'));
    });
  }
  for (int n = 0; n < 900; ++n) EXPECT_EQ(must_receive(in).byte_count(), 20'000U);
}

// -- what to do when full

TEST_F(flow, that_drops_the_newest_never_waits) {
  push out(ctx_, {.send_high_water_mark = 3, .when_full = full_policy::drop_newest, .linger = 0ms});
  EXPECT_TRUE(out.can_send());
  out.send("nobody is there");
  EXPECT_EQ(out.dropped_count(), 1U);
  pull in(ctx_);
  const std::string place = vacate(in);
  out.connect(place);
  for (int i = 0; i < 8; ++i) out.send(std::to_string(i));
  EXPECT_EQ(out.dropped_count(), 6U);
  in.bind(place);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(must_receive(in).view(), std::to_string(i));
  EXPECT_FALSE(in.receive_for(brief));
}

TEST_F(flow, that_drops_the_oldest_keeps_as_many_as_the_mark_says) {
  for (const int mark : {1, 3, 10}) {
    push out(ctx_, {.send_high_water_mark = mark, .when_full = full_policy::drop_oldest, .linger = 0ms});
    pull in(ctx_);
    const std::string place = vacate(in);
    out.connect(place);
    for (int i = 0; i < 50; ++i) out.send(message::of({std::to_string(i), std::string(100, 'x')}));
    EXPECT_EQ(out.dropped_count(), 50U - static_cast<unsigned>(mark));
    in.bind(place);
    for (int i = 50 - mark; i < 50; ++i) EXPECT_EQ(must_receive(in)[0], std::to_string(i));
  }
}

TEST_F(flow, that_drops_the_oldest_of_many_drops_an_eighth_at_a_time) {
  push out(ctx_, {.send_high_water_mark = 800, .when_full = full_policy::drop_oldest, .linger = 0ms});
  pull in(ctx_);
  const std::string place = vacate(in);
  out.connect(place);
  for (int i = 0; i < 5000; ++i) out.send(std::to_string(i));
  const int left = 5000 - static_cast<int>(out.dropped_count());
  EXPECT_LE(left, 800);
  EXPECT_GT(left, 700);
  in.bind(place);
  for (int i = 5000 - left; i < 5000; ++i) EXPECT_EQ(must_receive(in).view(), std::to_string(i));
}

/// Publishes until something was dropped, then more, then a last one, to a subscriber that reads nothing
/// meanwhile.
class slow_subscriber : public testing::TestWithParam<bool> {
 protected:
  context make_context() { return GetParam() ? context(inline_loop) : context(); }
};

TEST_P(slow_subscriber, gets_the_newest_if_the_oldest_are_dropped) {
  context ctx = make_context();
  context other;
  pub out(ctx,
          {.send_high_water_mark = 100, .when_full = full_policy::drop_oldest, .kernel_send_buffer = 8192});
  out.bind("tcp://127.0.0.1:0");
  sub in(other, {.receive_high_water_mark = 10, .kernel_receive_buffer = 8192});
  in.subscribe("");
  in.connect(out.last_endpoint());
  const auto publish = [&](int number) {
    out.send(std::to_string(number) + ' ' + std::string(1000, 'x'));
    if (GetParam()) ctx.run_for(0ms);
  };
  int number = 0;
  while (out.dropped_count() < 1000) publish(number++);
  const int last = number;
  publish(last);
  int before = -1;
  while (before != last) {
    std::optional<message> next;
    while (!(next = in.try_receive())) {
      if (GetParam()) ctx.run_for(1ms);
    }
    const int received = std::stoi(next->str());
    EXPECT_GT(received, before);
    before = received;
  }
}

INSTANTIATE_TEST_SUITE_P(of, slow_subscriber, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "an_inline_context" : "a_threaded_context");
});

TEST_F(flow, that_disconnects_slow_peers_says_so_and_serves_the_others) {
  pub out(ctx_,
          {.send_high_water_mark = 100, .when_full = full_policy::disconnect, .kernel_send_buffer = 8192});
  monitor events = out.monitor();
  out.bind("tcp://127.0.0.1:0");
  sub slow(ctx_, {.receive_high_water_mark = 1, .reconnect_interval = -1ms, .kernel_receive_buffer = 8192});
  sub quick(ctx_);
  for (sub* each : {&slow, &quick}) {
    each->subscribe("");
    each->connect(out.last_endpoint());
  }
  await_handshakes(events, 2);
  // Both are there when both have had a first message.
  while (!slow.receive_for(1ms)) out.send("hello");
  while (!quick.receive_for(1ms)) out.send("hello");
  for (int sent = 0; out.peer_count() == 2 && sent < 100'000; ++sent) {
    out.send(std::string(1000, 'x'));
    (void)must_receive(quick);
  }
  const event over = await_event(events, event_kind::disconnected);
  EXPECT_EQ(over.reason, errc::peer_too_slow) << over.text();
  out.send("still here");
  while (must_receive(quick).view() != "still here") {
  }
}

TEST_F(flow, of_a_router_may_wait_for_a_full_peer) {
  router out(
      ctx_,
      {.send_high_water_mark = 2, .when_full = full_policy::wait, .linger = 0ms, .kernel_send_buffer = 8192});
  monitor events = out.monitor();
  out.bind("tcp://127.0.0.1:0");
  dealer in(ctx_,
            {.receive_high_water_mark = 1, .routing_id = bytes::copy("slow"), .kernel_receive_buffer = 8192});
  in.connect(out.last_endpoint());
  await_handshakes(events, 1);
  message unknown = message::of({"nobody", "x"});
  EXPECT_TRUE(out.try_send(unknown)) << "to a peer that is not there it is dropped";
  const std::string body(10'000, 'x');
  int sent = 0;
  for (message next = message::of({"slow", body}); out.send_for(next, 100ms) && sent < 10'000;
       next = message::of({"slow", body})) {
    ++sent;
  }
  ASSERT_LT(sent, 10'000);
  EXPECT_EQ(out.dropped_count(), 1U);
  for (int i = 0; i < sent; ++i) (void)must_receive(in);
}

TEST_F(flow, policies_that_a_type_does_not_have_are_refused) {
  const auto refused = [&](auto make) { return code_thrown_by([&] { (void)make(); }); };
  EXPECT_EQ(refused([&] { return push(ctx_, {.when_full = full_policy::disconnect}); }), errc::not_supported);
  EXPECT_EQ(refused([&] { return req(ctx_, {.when_full = full_policy::drop_newest}); }), errc::not_supported);
  EXPECT_EQ(refused([&] { return pull(ctx_, {.when_full = full_policy::wait}); }), errc::not_supported);
  EXPECT_EQ(refused([&] { return pub(ctx_, {.when_full = full_policy::disconnect, .no_drop = true}); }),
            errc::invalid_argument);
}

// -- what a peer may make us hold

TEST_F(flow, of_subscriptions_is_limited_for_each_peer) {
  for (const bool by_bytes : {false, true}) {
    socket_options limited;
    if (by_bytes) {
      limited.max_subscription_bytes = 20;
    } else {
      limited.max_subscriptions = 2;
    }
    xpub out(ctx_, limited);
    monitor events = out.monitor();
    out.bind("tcp://127.0.0.1:0");
    sub modest(ctx_);
    sub greedy(ctx_, {.reconnect_interval = -1ms});
    for (const char* topic : {"topic one", "topic two"}) {
      modest.subscribe(topic);
      greedy.subscribe(topic);
    }
    modest.subscribe("topic one");  // the same again is not another one
    modest.connect(out.last_endpoint());
    greedy.connect(out.last_endpoint());
    await_handshakes(events, 2);
    modest.unsubscribe("topic two");
    modest.subscribe("topic 3");
    while (must_receive(out).view() != "\1topic 3") {
    }
    greedy.subscribe("topic 3");
    EXPECT_EQ(await_event(events, event_kind::disconnected).reason, errc::limit_reached);
    out.send("topic 3!");
    EXPECT_EQ(must_receive(modest).view(), "topic 3!");
    EXPECT_EQ(out.peer_count(), 1U);
  }
}

}  // namespace
}  // namespace monocoque::test
