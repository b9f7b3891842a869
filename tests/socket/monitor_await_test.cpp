// Events as coroutines wait for them: `co_await monitor.async_receive()`.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

enum class way { threaded, inline_loop };

std::string way_name(const testing::TestParamInfo<way>& parameter) {
  return parameter.param == way::threaded ? "threaded" : "inline";
}

class awaited_events : public testing::TestWithParam<way> {
 protected:
  awaited_events() {
    GetParam() == way::threaded ? ctx_.emplace() : ctx_.emplace(inline_loop);
    in_.emplace(*ctx_);
    events_.emplace(in_->monitor());
  }
  [[nodiscard]] context& ctx() { return *ctx_; }

  std::optional<context> ctx_;
  std::optional<pull> in_;
  std::optional<monitor> events_;
};

task<std::vector<event_kind>> kinds_until(monitor& events, event_kind last) {
  std::vector<event_kind> seen;
  do {
    const event next = co_await events.async_receive();
    seen.push_back(next.kind);
  } while (seen.back() != last);
  co_return seen;
}

task<errc> how_it_ends(monitor& events) {
  for (;;) {
    const result<event> next = co_await events.async_receive(as_result);
    if (next) continue;
    for (const errc known : {errc::closed, errc::cancelled, errc::timed_out}) {
      if (next.error() == known) co_return known;
    }
    co_return errc::internal;
  }
}

template <class T>
task<T> joined(join_handle<T>& from) {
  co_return co_await std::move(from);
}

task<bool> comes_within(monitor& events, std::chrono::milliseconds limit) {
  const std::optional<event> next = co_await events.async_receive_for(limit);
  co_return next.has_value();
}

TEST_P(awaited_events, come_in_order) {
  join_handle<std::vector<event_kind>> reader = ctx().spawn(kinds_until(*events_, event_kind::disconnected));
  in_->bind("tcp://127.0.0.1:0");
  push out(ctx());
  out.connect(in_->last_endpoint());
  out.send("hello");
  EXPECT_EQ(must_receive(*in_).view(), "hello");
  out.close();
  using enum event_kind;
  EXPECT_EQ(ctx().run(timeout(joined(reader), patience)),
            (std::vector{listening, accepted, handshake_done, disconnected}));
}

TEST_P(awaited_events, that_are_there_already_are_not_waited_for) {
  in_->bind("tcp://127.0.0.1:0");
  EXPECT_TRUE(ctx().run(comes_within(*events_, 0ms)));
}

TEST_P(awaited_events, may_be_waited_for_with_a_deadline) {
  EXPECT_FALSE(ctx().run(comes_within(*events_, 1ms)));
  in_->bind("tcp://127.0.0.1:0");  // the monitor is as good as before
  EXPECT_TRUE(ctx().run(comes_within(*events_, patience)));
}

TEST_P(awaited_events, end_with_the_socket) {
  join_handle<errc> reader = ctx().spawn(how_it_ends(*events_));
  in_->close();
  EXPECT_EQ(ctx().run(joined(reader)), errc::closed);
}

TEST_P(awaited_events, end_when_the_coroutine_is_asked_to_stop) {
  std::stop_source stop;
  join_handle<errc> reader = ctx().spawn(how_it_ends(*events_), stop.get_token());
  EXPECT_FALSE(ctx().run(comes_within(*events_, 1ms)));  // it waits by now
  stop.request_stop();
  EXPECT_EQ(ctx().run(joined(reader)), errc::cancelled);
}

TEST_P(awaited_events, go_to_one_of_those_that_wait) {
  constexpr int rounds = 100;
  const auto take = [](monitor& from, int& count) -> task<> {
    for (;;) {
      const result<event> next = co_await from.async_receive(as_result);
      if (!next) co_return;
      ++count;
    }
  };
  int one = 0, other = 0;
  join_handle<> first = ctx().spawn(take(*events_, one));
  join_handle<> second = ctx().spawn(take(*events_, other));
  for (int i = 0; i < rounds; ++i) {
    in_->bind("tcp://127.0.0.1:0");
    in_->unbind(in_->last_endpoint());
  }
  in_->close();
  ctx().run(joined(first));
  ctx().run(joined(second));
  EXPECT_EQ(one + other, 2 * rounds);
}

TEST_P(awaited_events, leave_nothing_behind_when_the_context_goes_first) {
  static_cast<void>(ctx().spawn(how_it_ends(*events_)));
  in_.reset();
  ctx_.reset();
  EXPECT_FALSE(events_->try_receive());
}

INSTANTIATE_TEST_SUITE_P(both, awaited_events, testing::Values(way::threaded, way::inline_loop), way_name);

}  // namespace
}  // namespace monocoque::test
