// High-water marks and limits in bytes that change while messages wait.

#include "tests/socket/live_options_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class live_marks : public live_options {
 protected:
  static void set_send_mark(const monocoque::socket& of, int mark) {
    change(of, [mark](socket_options& o) { o.send_high_water_mark = mark; }).value();
  }
  static void set_receive_mark(const monocoque::socket& of, int mark) {
    change(of, [mark](socket_options& o) { o.receive_high_water_mark = mark; }).value();
  }
};

INSTANTIATE_TEST_SUITE_P(contexts, live_marks, testing::Bool(), loop_name);

TEST_P(live_marks, that_rise_open_a_full_queue) {
  push out(ctx_, {.send_high_water_mark = 2, .linger = 0ms});
  out.connect(nowhere);
  EXPECT_EQ(fill(out), 2);
  set_send_mark(out, 5);
  EXPECT_EQ(fill(out), 3);
  set_send_mark(out, 0);
  EXPECT_EQ(fill(out), 10'000) << "no limit";
}

TEST_P(live_marks, that_fall_close_a_queue_which_is_fuller) {
  push out(ctx_, {.send_high_water_mark = 10, .linger = 0ms});
  out.connect(nowhere);
  EXPECT_EQ(fill(out, 1, 4), 4);
  set_send_mark(out, 3);
  EXPECT_EQ(fill(out), 0);
  EXPECT_FALSE(out.can_send());
  set_send_mark(out, 5);
  EXPECT_EQ(fill(out), 1);
}

TEST_P(live_marks, that_fall_lose_nothing_and_let_no_more_in_until_there_is_room) {
  pull in(ctx_);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  const std::string place = in.last_endpoint();
  in.unbind(place);
  (void)await_event(events, event_kind::closed);
  push out(ctx_, {.send_high_water_mark = 100, .reconnect_interval = 1ms});
  out.connect(place);
  for (int i = 0; i < 100; ++i) out.send(std::to_string(i));
  set_send_mark(out, 3);
  EXPECT_FALSE(out.try_send("not now"));
  in.bind(place);
  message last("100");
  EXPECT_TRUE(out.send_for(as_result, last, patience));
  for (int i = 0; i <= 100; ++i) EXPECT_EQ(must_receive(in).str(), std::to_string(i));
}

TEST_P(live_marks, that_rise_wake_who_waits_to_send) {
  if (GetParam()) GTEST_SKIP() << "nobody else could change them";
  for (const std::string where : {nowhere, "inproc://to_be_bound"}) {
    push out(ctx_, {.send_high_water_mark = 1, .linger = 0ms});
    out.connect(where);
    out.send("1");
    bool sent = false;
    std::thread sender([&] {
      message second("2");
      sent = out.send_for(as_result, second, patience).has_value();
    });
    set_send_mark(out, 2);
    sender.join();
    EXPECT_TRUE(sent) << where;
  }
}

TEST_P(live_marks, hold_for_endpoints_that_come_after) {
  push out(ctx_, {.send_high_water_mark = 1, .linger = 0ms});
  set_send_mark(out, 3);
  out.connect(nowhere);
  EXPECT_EQ(fill(out), 3);
}

TEST_P(live_marks, of_a_publisher_count_for_each_subscriber) {
  pub out(ctx_, {.send_high_water_mark = 1, .linger = 0ms, .no_drop = true});
  out.bind("inproc://published");
  sub in(ctx_, {.receive_high_water_mark = 1});
  in.subscribe("");
  in.connect("inproc://published");
  EXPECT_EQ(fill(out), 2);
  set_send_mark(out, 4);
  EXPECT_EQ(fill(out), 3);
}

// -- bytes

TEST_P(live_marks, in_bytes_open_and_close_a_queue) {
  push out(ctx_, {.send_byte_limit = 100'000, .linger = 0ms});
  out.connect(nowhere);
  EXPECT_EQ(fill(out, 40'000), 3);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_byte_limit = 200'000; }));
  EXPECT_EQ(fill(out, 40'000, 1), 1);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_byte_limit = 100'000; }));
  EXPECT_EQ(fill(out, 40'000), 0);
}

TEST_P(live_marks, in_bytes_of_all_begin_to_count_what_is_there) {
  push out(ctx_, {.linger = 0ms});
  out.connect(nowhere);
  out.connect("tcp://127.0.0.1:2");
  EXPECT_EQ(fill(out, 40'000, 4), 4);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_byte_limit_total = 100'000; }));
  EXPECT_EQ(fill(out, 40'000), 0);
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_byte_limit_total = 200'000; }));
  const int more = fill(out, 40'000);
  EXPECT_GE(more, 1) << "160 KB are there";
  EXPECT_LE(more, 2) << "each peer may pass the limit by one message";
  EXPECT_TRUE(change(out, [](socket_options& o) { o.send_byte_limit_total = 0; }));
  EXPECT_EQ(fill(out, 40'000, 4), 4);
}

// -- what is received

class live_receive_limits : public live_marks {
 protected:
  /// Makes `in` stop reading for messages of which it takes only one, then has `relieve` set a limit that
  /// they all reach together, and sees them come, with nothing taken.
  template <class Relieve>
  void stop_and_go(pull& in, Relieve relieve) {
    monitor events = in.monitor();
    in.bind("tcp://127.0.0.1:0");
    push out(ctx_);
    out.connect(in.last_endpoint());
    const std::string large(size, 'x');
    for (int i = 0; i < count; ++i) out.send(large);
    (void)await_event(events, event_kind::high_water_reached);
    EXPECT_TRUE(change(in, relieve));
    (void)await_event(events, event_kind::high_water_left);
    (void)await_event(events, event_kind::high_water_reached);
    for (int i = 0; i < count; ++i) EXPECT_EQ(must_receive(in).byte_count(), size);
  }
  static constexpr int count = 20;
  static constexpr std::size_t size = 100'000;
};

INSTANTIATE_TEST_SUITE_P(contexts, live_receive_limits, testing::Bool(), loop_name);

TEST_P(live_receive_limits, in_messages_that_rise_let_a_link_read_on) {
  pull in(ctx_);
  set_receive_mark(in, 1);
  stop_and_go(in, [](socket_options& o) { o.receive_high_water_mark = count; });
}

TEST_P(live_receive_limits, in_bytes_that_rise_let_a_link_read_on) {
  pull in(ctx_, {.receive_byte_limit = 1});
  stop_and_go(in, [](socket_options& o) { o.receive_byte_limit = count * size; });
}

TEST_P(live_receive_limits, in_bytes_of_all_that_rise_let_a_link_read_on) {
  pull in(ctx_);
  EXPECT_TRUE(change(in, [](socket_options& o) { o.receive_byte_limit_total = 1; }));
  stop_and_go(in, [](socket_options& o) { o.receive_byte_limit_total = count * size; });
}

TEST_P(live_receive_limits, in_bytes_of_all_that_end_let_a_link_read_on) {
  pull in(ctx_, {.receive_byte_limit_total = 1});
  stop_and_go(in, [](socket_options& o) {
    o.receive_byte_limit_total = 0;
    o.receive_byte_limit = count * size;
  });
}

// -- inproc: the sum of both sides' marks

TEST_P(live_marks, over_inproc_change_at_either_end) {
  pull in(ctx_, {.receive_high_water_mark = 1});
  in.bind("inproc://marks");
  push out(ctx_, {.send_high_water_mark = 1});
  out.connect("inproc://marks");
  EXPECT_EQ(fill(out), 2);
  set_send_mark(out, 5);
  EXPECT_EQ(fill(out), 4);
  set_receive_mark(in, 10);
  EXPECT_EQ(fill(out), 9);
  set_receive_mark(in, 0);
  EXPECT_EQ(fill(out, 1, 2000), 2000) << "no limit";
  set_receive_mark(in, 1);
  EXPECT_EQ(fill(out), 0) << "what is there stays";
  for (int i = 0; i < 2015; ++i) EXPECT_EQ(must_receive(in).str(), "x");
  EXPECT_EQ(fill(out), 6);
}

TEST_P(live_marks, over_inproc_that_fall_stop_the_sender_at_once) {
  pull in(ctx_, {.receive_high_water_mark = 10});
  in.bind("inproc://falling");
  push out(ctx_, {.send_high_water_mark = 10});
  out.connect("inproc://falling");
  EXPECT_EQ(fill(out, 1, 12), 12);
  set_receive_mark(in, 1);
  EXPECT_FALSE(out.try_send("one too many"));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(must_receive(in).str(), "x");
  EXPECT_EQ(fill(out), 11);
}

TEST_P(live_marks, over_inproc_change_before_anybody_has_bound_the_name) {
  push out(ctx_, {.send_high_water_mark = 2});
  out.connect("inproc://later");
  EXPECT_EQ(fill(out), 2);
  set_send_mark(out, 4);
  EXPECT_EQ(fill(out), 2);
  pull in(ctx_, {.receive_high_water_mark = 1});
  set_receive_mark(in, 3);
  in.bind("inproc://later");
  EXPECT_EQ(fill(out), 3);
}

TEST_P(live_marks, over_inproc_leave_what_conflates_without_a_limit) {
  pull in(ctx_, {.conflate = true});
  in.bind("inproc://newest");
  push out(ctx_);
  out.connect("inproc://newest");
  set_send_mark(out, 1);
  set_receive_mark(in, 1);
  EXPECT_EQ(fill(out, 1, 100), 100);
  out.send("last");
  EXPECT_EQ(must_receive(in).str(), "last");
}

}  // namespace
}  // namespace monocoque::test
