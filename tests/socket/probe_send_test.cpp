// What would become of a message, asked by its first frame alone.

#include "tests/socket/live_options_support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class probe_send : public live_options {
 protected:
  static errc ask(const monocoque::socket& of, std::string_view first = "first") {
    return of.core()->probe_send(std::as_bytes(std::span(first)));
  }
};

INSTANTIATE_TEST_SUITE_P(contexts, probe_send, testing::Bool(), loop_name);

TEST_P(probe_send, sends_nothing) {
  for (const std::string where : {"tcp://127.0.0.1:0", "inproc://probed"}) {
    pull in(ctx_);
    in.bind(where);
    push out(ctx_);
    EXPECT_EQ(ask(out), errc::would_block) << "nobody is there";
    out.connect(in.last_endpoint());
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(out), engine::succeeded);
    out.send("sent");
    EXPECT_EQ(must_receive(in).str(), "sent");
    EXPECT_FALSE(in.try_receive());
  }
}

TEST_P(probe_send, finds_a_full_queue) {
  for (const std::string where : {nowhere, "inproc://unbound"}) {
    dealer out(ctx_, {.send_high_water_mark = 3, .linger = 0ms});
    out.connect(where);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(ask(out), engine::succeeded);
      out.send("x");
    }
    EXPECT_EQ(ask(out), errc::would_block);
  }
  push dropping(ctx_, {.send_high_water_mark = 1, .when_full = full_policy::drop_newest, .linger = 0ms});
  dropping.connect(nowhere);
  dropping.send("1");
  EXPECT_EQ(ask(dropping), engine::succeeded);
  EXPECT_EQ(dropping.dropped_count(), 0U);
}

TEST_P(probe_send, knows_whose_turn_it_is) {
  rep in(ctx_);
  in.bind("tcp://127.0.0.1:0");
  req out(ctx_);
  EXPECT_EQ(ask(out), errc::would_block);
  out.connect(in.last_endpoint());
  EXPECT_EQ(ask(in), errc::wrong_state);
  EXPECT_EQ(ask(out), engine::succeeded);
  out.send("request");
  EXPECT_EQ(ask(out), errc::wrong_state);
  EXPECT_EQ(must_receive(in).str(), "request");
  EXPECT_EQ(ask(in), engine::succeeded);
  in.send("reply");
  EXPECT_EQ(must_receive(out).str(), "reply");
}

TEST_P(probe_send, knows_who_can_be_routed_to) {
  router out(ctx_, {.send_high_water_mark = 1, .linger = 0ms});
  EXPECT_EQ(ask(out, "nobody"), engine::succeeded) << "it would be dropped";
  EXPECT_EQ(out.dropped_count(), 0U);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.router_mandatory = true; }));
  EXPECT_EQ(ask(out, "nobody"), errc::unroutable);
  out.bind("inproc://routed");
  dealer in(ctx_, {.receive_high_water_mark = 1, .routing_id = bytes::copy(std::string_view("peer"))});
  in.connect("inproc://routed");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask(out, "peer"), engine::succeeded);
    out.send(message::of({"peer", "x"}));
  }
  EXPECT_EQ(ask(out, "peer"), errc::would_block);
  EXPECT_EQ(ask(out, "nobody"), errc::unroutable);
}

TEST_P(probe_send, asks_whether_a_subscriber_must_be_waited_for) {
  pub out(ctx_, {.send_high_water_mark = 1, .linger = 0ms, .no_drop = true});
  out.bind("inproc://probed_publisher");
  EXPECT_EQ(ask(out), engine::succeeded) << "nobody wants it";
  sub in(ctx_, {.receive_high_water_mark = 1});
  in.subscribe("A");
  in.connect("inproc://probed_publisher");
  int sent = 0;
  for (; ask(out, "A") == engine::succeeded; ++sent) out.send("A");
  EXPECT_EQ(sent, 2);
  EXPECT_EQ(ask(out, "A"), errc::would_block);
  EXPECT_EQ(ask(out, "B"), engine::succeeded);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.no_drop = false; }));
  EXPECT_EQ(ask(out, "A"), engine::succeeded);
}

TEST_P(probe_send, says_what_a_socket_cannot) {
  pull in(ctx_);
  EXPECT_EQ(ask(in), errc::not_supported);
  sub subscriber(ctx_);
  EXPECT_EQ(ask(subscriber), errc::not_supported);
  xsub both(ctx_);
  EXPECT_EQ(ask(both), engine::succeeded);
  const std::shared_ptr<engine::socket_core> core = in.core();
  in.close();
  EXPECT_EQ(core->probe_send({}), errc::closed);
}

TEST_P(probe_send, joins_who_waits) {
  push out(ctx_, {.send_high_water_mark = 1, .linger = 0ms});
  out.connect(nowhere);
  out.send("1");
  engine::thread_waiter waiting;
  ASSERT_EQ(out.core()->probe_send({}, &waiting), errc::would_block);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_high_water_mark = 2; }));
  EXPECT_TRUE(waiting.wait_until(std::chrono::steady_clock::now() + patience));
  EXPECT_FALSE(waiting.queued());
  EXPECT_EQ(out.core()->probe_send({}, &waiting), engine::succeeded);
  EXPECT_FALSE(waiting.queued());
}

}  // namespace
}  // namespace monocoque::test
