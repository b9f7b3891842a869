#include <monocoque/task.hpp>

#include "io/task_test_scheduler.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// The closures of these tests outlive their tasks.
// NOLINTBEGIN(cppcoreguidelines-avoid-capturing-lambda-coroutines)

namespace monocoque::io {
namespace {

struct in_life {
  explicit in_life(int& counter) noexcept : count(&counter) { ++counter; }
  in_life(in_life&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
  in_life& operator=(in_life&&) = delete;
  ~in_life() {
    if (count) --*count;
  }
  int* count;
};

task<int> number(int value) { co_return value; }
task<> nothing() { co_return; }
task<int> failing(std::string text) {
  throw std::runtime_error(text);
  co_return 0;
}
task<int> yielding(int value) {
  co_await this_task::yield();
  co_return value;
}

TEST(task, answers_the_value_of_a_child) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    const int first = co_await number(1);
    task<int> later = number(2);
    const int second = co_await std::move(later);
    co_await nothing();
    co_return first * 10 + second;
  };
  EXPECT_EQ(scheduler.run(body()), 12);
}

TEST(task, does_not_start_before_it_is_awaited) {
  manual_scheduler scheduler;
  bool started = false;
  const auto child = [](bool& flag) -> task<> {
    flag = true;
    co_return;
  };
  task<> body = child(started);
  EXPECT_FALSE(started);
  scheduler.run(std::move(body));
  EXPECT_TRUE(started);
}

TEST(task, rethrows_what_a_child_threw_at_once_or_later) {
  manual_scheduler scheduler;
  const auto late = []() -> task<int> {
    co_await this_task::yield();
    co_return co_await failing("late");
  };
  EXPECT_THROW(scheduler.run(failing("now")), std::runtime_error);
  const auto body = [&]() -> task<std::string> {
    try {
      co_await late();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing thrown";
  };
  EXPECT_EQ(scheduler.run(body()), "late");
}

TEST(task, hands_over_results_that_only_move) {
  manual_scheduler scheduler;
  const auto make = [](int value) -> task<std::unique_ptr<int>> {
    co_await this_task::yield();
    co_return std::make_unique<int>(value);
  };
  const auto body = [&]() -> task<std::unique_ptr<int>> {
    std::unique_ptr<int> made = co_await make(7);
    ++*made;
    co_return made;
  };
  EXPECT_EQ(*scheduler.run(body()), 8);
}

TEST(task, that_is_empty_is_refused) {
  manual_scheduler scheduler;
  const auto body = []() -> task<> {
    task<int> child = number(1);
    co_await std::move(child);
    EXPECT_FALSE(child);  // NOLINT(bugprone-use-after-move)
    try {
      co_await std::move(child);
      ADD_FAILURE() << "awaited twice";
    } catch (const exception& reason) {
      EXPECT_EQ(reason.reason(), errc::invalid_argument);
    }
    std::vector<task<int>> with_an_empty_one(1);
    EXPECT_THROW(co_await when_all(std::move(with_an_empty_one)), exception);
    EXPECT_THROW(co_await timeout(task<>(), std::chrono::seconds(1)), exception);
  };
  scheduler.run(body());
  EXPECT_THROW(static_cast<void>(spawn(scheduler, task<>())), exception);
}

TEST(task, knows_its_scheduler_and_its_stop_token) {
  manual_scheduler scheduler;
  std::stop_source parent;
  const auto child = []() -> task<bool> {
    const std::stop_token token = co_await this_task::stop_token();
    co_return token.stop_requested();
  };
  const auto body = [&]() -> task<> {
    detail::scheduler& found = co_await this_task::scheduler();
    EXPECT_EQ(&found, &scheduler);
    EXPECT_FALSE(co_await child());
    parent.request_stop();
    EXPECT_TRUE(co_await child());
  };
  auto handle = spawn(scheduler, body(), parent.get_token());
  scheduler.run_ready();
  handle.join();
}

TEST(task, lets_others_run_when_it_yields) {
  manual_scheduler scheduler;
  std::string order;
  const auto body = [](std::string& log, char name) -> task<> {
    for (int i = 0; i < 3; ++i) {
      log += name;
      co_await this_task::yield();
    }
  };
  auto first = spawn(scheduler, body(order, 'a'));
  auto second = spawn(scheduler, body(order, 'b'));
  scheduler.run_ready();
  EXPECT_EQ(order, "ababab");
}

TEST(task, destroys_arguments_and_locals_in_order) {
  manual_scheduler scheduler;
  int alive = 0;
  const auto child = [](in_life argument, int& count) -> task<int> {
    const in_life local(count);
    co_await this_task::yield();
    co_return count + (argument.count ? 0 : 100);
  };
  const auto body = [&]() -> task<> {
    in_life argument(alive);
    EXPECT_EQ(co_await child(std::move(argument), alive), 2);
    EXPECT_EQ(alive, 0);
    const task<int> never_started = child(in_life(alive), alive);
    EXPECT_EQ(alive, 1);
  };
  scheduler.run(body());
  EXPECT_EQ(alive, 0);
}

// The stack is what these are about: they overflowed a plain symmetric transfer at -O0 and -O1.

TEST(task_stack, a_million_awaits_that_complete_at_once_in_one_loop) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await number(1);
    co_return sum;
  };
  EXPECT_EQ(scheduler.run(body()), 1'000'000);
}

TEST(task_stack, a_hundred_thousand_awaits_that_throw_at_once) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    int caught = 0;
    for (int i = 0; i < 100'000; ++i) {
      try {
        co_await failing("x");
      } catch (const std::runtime_error&) {
        ++caught;
      }
    }
    co_return caught;
  };
  EXPECT_EQ(scheduler.run(body()), 100'000);
}

TEST(task_stack, a_long_loop_that_now_and_then_suspends) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    int sum = 0;
    for (int i = 0; i < 200'000; ++i) {
      sum += i % 3 == 0 ? 1 : 0;
      if (i % 3 == 0) co_await yielding(1);
      co_await number(1);
    }
    co_return sum;
  };
  EXPECT_EQ(scheduler.run(body()), 66'667);
}

task<int> deep(int levels, bool suspends) {
  if (levels == 0) {
    task<int> last = suspends ? yielding(0) : number(0);
    co_return co_await std::move(last);
  }
  co_return 1 + co_await deep(levels - 1, suspends);
}

TEST(task_stack, recursion_of_two_hundred_thousand_levels) {
  manual_scheduler scheduler;
  EXPECT_EQ(scheduler.run(deep(200'000, false)), 200'000);
  EXPECT_EQ(scheduler.run(deep(200'000, true)), 200'000);
}

task<int> deep_in_bundles(int levels) {
  if (levels == 0) co_return co_await yielding(0);
  std::vector<task<int>> below;
  below.push_back(deep_in_bundles(levels - 1));
  const std::vector<int> found = co_await when_all(std::move(below));
  co_return 1 + found[0];
}

TEST(task_stack, recursion_through_when_all) {
  manual_scheduler scheduler;
  EXPECT_EQ(scheduler.run(deep_in_bundles(20'000)), 20'000);
}

TEST(task_stack, when_all_and_timeout_in_a_long_loop) {
  manual_scheduler scheduler;
  const auto body = []() -> task<int> {
    int sum = 0;
    for (int i = 0; i < 50'000; ++i) {
      const auto both = co_await when_all(number(1), number(1));
      sum += std::get<0>(both) + std::get<1>(both);
      sum += co_await timeout(number(1), std::chrono::hours(1));
    }
    co_return sum;
  };
  EXPECT_EQ(scheduler.run(body()), 150'000);
  EXPECT_EQ(scheduler.alarms(), 0U);
}

}  // namespace
}  // namespace monocoque::io

// NOLINTEND(cppcoreguidelines-avoid-capturing-lambda-coroutines)
