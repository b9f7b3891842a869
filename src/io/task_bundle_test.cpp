#include "io/task_test_scheduler.hpp"

#include <monocoque/task.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

// The closures of these tests outlive their tasks.
// NOLINTBEGIN(cppcoreguidelines-avoid-capturing-lambda-coroutines)

namespace monocoque::io {
namespace {

using namespace std::chrono_literals;

task<int> after(std::chrono::milliseconds pause, int value) {
  co_await sleep_for(pause);
  co_return value;
}
task<int> fail_after(std::chrono::milliseconds pause, std::string text) {
  co_await sleep_for(pause);
  throw std::runtime_error(text);
}
task<std::unique_ptr<int>> owned(int value) { co_return std::make_unique<int>(value); }

/// Sleeps; notes how that ended, and ends a while after.
task<int> slow_to_stop(std::string& log, std::string name, std::chrono::milliseconds pause) {
  try {
    co_await sleep_for(pause);
    log += name + " slept;";
  } catch (const exception& reason) {
    log += name + (reason.reason() == errc::cancelled ? " cancelled;" : " failed;");
  }
  for (int i = 0; i < 3; ++i) co_await this_task::yield();
  log += name + " ended;";
  co_return 1;
}

template <class T>
errc code_of(join_handle<T>& handle) {
  try {
    static_cast<void>(handle.join());
  } catch (const exception& reason) {
    return static_cast<errc>(reason.code().value());
  }
  return errc{};
}

TEST(task_sleep, ends_when_its_time_has_come) {
  manual_scheduler scheduler;
  auto handle = spawn(scheduler, sleep_for(10ms));
  scheduler.advance(9ms);
  EXPECT_FALSE(handle.done());
  scheduler.advance(1ms);
  EXPECT_TRUE(handle.done());
  handle.join();

  auto until = spawn(scheduler, sleep_until(scheduler.now() + 5ms));
  scheduler.advance(5ms);
  EXPECT_TRUE(until.done());
}

TEST(task_sleep, takes_any_duration) {
  manual_scheduler scheduler;
  auto zero = spawn(scheduler, sleep_for(0s));
  auto negative = spawn(scheduler, sleep_for(-std::chrono::hours::max()));
  auto fraction = spawn(scheduler, sleep_for(std::chrono::duration<double>(0.0001)));
  auto longest = spawn(scheduler, sleep_for(std::chrono::hours::max()));
  auto endless =
      spawn(scheduler, sleep_for(std::chrono::duration<double>(std::numeric_limits<double>::infinity())));
  scheduler.advance(1ms);
  EXPECT_TRUE(zero.done() && negative.done() && fraction.done());
  scheduler.advance(24h * 365 * 100);
  EXPECT_FALSE(longest.done() || endless.done());
  longest.request_stop();
  endless.request_stop();
  scheduler.run_ready();
  EXPECT_EQ(code_of(longest), errc::cancelled);
  EXPECT_EQ(code_of(endless), errc::cancelled);
}

TEST(task_sleep, ends_when_stop_is_requested_before_or_while_it_sleeps) {
  manual_scheduler scheduler;
  auto before = spawn(scheduler, sleep_for(1h));
  before.request_stop();
  auto later = spawn(scheduler, sleep_for(1h));
  scheduler.run_ready();
  EXPECT_EQ(code_of(before), errc::cancelled);
  EXPECT_FALSE(later.done());
  later.request_stop();
  scheduler.run_ready();
  EXPECT_EQ(code_of(later), errc::cancelled);
  EXPECT_EQ(scheduler.alarms(), 0U);
}

TEST(task_when_all, answers_all_values_in_order) {
  manual_scheduler scheduler;
  const auto body = []() -> task<> {
    auto all = co_await when_all(after(3ms, 1), sleep_for(1ms), owned(2));
    static_assert(std::is_same_v<decltype(all), std::tuple<int, std::monostate, std::unique_ptr<int>>>);
    EXPECT_EQ(std::get<0>(all), 1);
    EXPECT_EQ(*std::get<2>(all), 2);
    const std::tuple<> none = co_await when_all();
    static_cast<void>(none);
  };
  auto handle = spawn(scheduler, body());
  scheduler.advance(2ms);
  EXPECT_FALSE(handle.done());
  scheduler.advance(1ms);
  EXPECT_TRUE(handle.done());
  handle.join();
}

TEST(task_when_all, takes_a_vector_of_tasks) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    std::vector<task<int>> tasks;
    tasks.reserve(100);
    for (int i = 0; i < 100; ++i) tasks.push_back(after(std::chrono::milliseconds(100 - i), i));
    const std::vector<int> values = co_await when_all(std::move(tasks));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
    std::vector<task<>> pauses;
    pauses.push_back(sleep_for(1ms));
    EXPECT_EQ((co_await when_all(std::move(pauses))).size(), 1U);
    std::vector<task<>> none;
    EXPECT_EQ((co_await when_all(std::move(none))).size(), 0U);
    co_return 1;
  };
  auto handle = spawn(scheduler, body());
  scheduler.advance(200ms);
  EXPECT_EQ(handle.join(), 1);
}

TEST(task_when_all, rethrows_the_first_failure_after_all_have_ended) {
  manual_scheduler scheduler;
  std::string log;
  const auto body = [&]() -> task<> {
    try {
      co_await when_all(slow_to_stop(log, "a", 1h), fail_after(2ms, "first"), fail_after(1h, "second"));
    } catch (const std::runtime_error& error) {
      log += error.what();
    }
  };
  auto handle = spawn(scheduler, body());
  scheduler.advance(2ms);
  EXPECT_TRUE(handle.done());
  EXPECT_EQ(log, "a cancelled;a ended;first");
  EXPECT_EQ(scheduler.alarms(), 0U);
}

TEST(task_when_all, does_not_start_what_comes_after_a_failure_at_once) {
  manual_scheduler scheduler;
  bool started = false;
  const auto fail = []() -> task<> {
    throw std::runtime_error("at once");
    co_return;
  };
  const auto note = [](bool& flag) -> task<> {
    flag = true;
    co_return;
  };
  const auto body = [&]() -> task<> {
    EXPECT_THROW(co_await when_all(fail(), note(started)), std::runtime_error);
  };
  scheduler.run(body());
  EXPECT_FALSE(started);
}

TEST(task_when_all, passes_a_request_to_stop_on) {
  manual_scheduler scheduler;
  const auto body = []() -> task<> { co_await when_all(sleep_for(1h), sleep_for(2h)); };
  auto handle = spawn(scheduler, body());
  scheduler.advance(1ms);
  handle.request_stop();
  scheduler.run_ready();
  EXPECT_EQ(code_of(handle), errc::cancelled);
}

TEST(task_when_any, answers_the_first_and_waits_for_the_losers) {
  manual_scheduler scheduler;
  std::string log;
  const auto body = [&]() -> task<> {
    auto first = co_await when_any(slow_to_stop(log, "a", 1h), after(5ms, 7), sleep_for(6ms));
    EXPECT_EQ(first.index, 1U);
    EXPECT_EQ(std::get<1>(first.value), 7);
    log += "answered";
  };
  auto handle = spawn(scheduler, body());
  scheduler.advance(5ms);
  EXPECT_TRUE(handle.done());
  handle.join();
  EXPECT_EQ(log, "a cancelled;a ended;answered");
  EXPECT_EQ(scheduler.alarms(), 0U);
}

TEST(task_when_any, rethrows_when_the_first_to_end_failed) {
  manual_scheduler scheduler;
  const auto body = []() -> task<> { co_await when_any(after(2ms, 1), fail_after(1ms, "x")); };
  auto handle = spawn(scheduler, body());
  scheduler.advance(3ms);
  EXPECT_THROW(handle.join(), std::runtime_error);
}

TEST(task_when_any, drops_what_a_loser_threw_and_hands_over_what_only_moves) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    auto first = co_await when_any(sleep_for(1h), owned(3), fail_after(0ms, "never started"));
    EXPECT_EQ(first.index, 1U);
    co_return *std::get<1>(first.value);
  };
  EXPECT_EQ(scheduler.run(body()), 3);
}

TEST(task_timeout, answers_the_value_in_time) {
  manual_scheduler scheduler;
  auto handle = spawn(scheduler, timeout(after(5ms, 4), 6ms));
  scheduler.advance(5ms);
  EXPECT_EQ(handle.join(), 4);
  EXPECT_EQ(scheduler.alarms(), 0U);
}

TEST(task_timeout, throws_timed_out_after_the_task_was_stopped) {
  manual_scheduler scheduler;
  auto handle = spawn(scheduler, timeout(after(6ms, 4), 5ms));
  scheduler.advance(4ms);
  EXPECT_FALSE(handle.done());
  scheduler.advance(1ms);
  EXPECT_TRUE(handle.done());
  EXPECT_EQ(code_of(handle), errc::timed_out);
  EXPECT_EQ(scheduler.alarms(), 0U);
}

TEST(task_timeout, does_not_lose_a_value_that_comes_late) {
  manual_scheduler scheduler;
  std::string log;
  auto handle = spawn(scheduler, timeout(slow_to_stop(log, "a", 1h), 5ms));
  scheduler.advance(5ms);
  EXPECT_EQ(handle.join(), 1);
  EXPECT_EQ(log, "a cancelled;a ended;");
}

TEST(task_timeout, is_cancelled_and_not_timed_out_when_the_caller_stops_it) {
  manual_scheduler scheduler;
  auto handle = spawn(scheduler, timeout(after(6ms, 4), 5ms));
  scheduler.advance(1ms);
  handle.request_stop();
  scheduler.run_ready();
  EXPECT_EQ(code_of(handle), errc::cancelled);
}

TEST(task_timeout, covers_what_is_inside_when_all_and_when_any) {
  manual_scheduler scheduler;
  auto all = spawn(scheduler, timeout(when_all(sleep_for(1h), after(1ms, 1)), 5ms));
  auto any = spawn(scheduler, timeout(when_any(sleep_for(1h), after(1h, 1)), 5ms));
  auto inner = spawn(scheduler, timeout(timeout(sleep_for(1h), 3ms), 5ms));
  scheduler.advance(5ms);
  EXPECT_EQ(code_of(all), errc::timed_out);
  EXPECT_EQ(code_of(any), errc::timed_out);
  EXPECT_EQ(code_of(inner), errc::timed_out);
}

TEST(task_timeout, of_no_time_still_answers_what_is_there_at_once) {
  manual_scheduler scheduler;
  EXPECT_EQ(*scheduler.run(timeout(owned(1), 0ms)), 1);
  auto late = spawn(scheduler, timeout(sleep_for(1h), -1ms));
  scheduler.advance(0ms);
  EXPECT_EQ(code_of(late), errc::timed_out);
}

}  // namespace
}  // namespace monocoque::io

// NOLINTEND(cppcoreguidelines-avoid-capturing-lambda-coroutines)
