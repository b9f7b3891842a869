#include "io/task_test_scheduler.hpp"

#include <monocoque/detail/task_group.hpp>
#include <monocoque/task.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The closures of these tests outlive their tasks.
// NOLINTBEGIN(cppcoreguidelines-avoid-capturing-lambda-coroutines)

namespace monocoque::io {
namespace {

using namespace std::chrono_literals;

task<int> number(int value) { co_return value; }
task<int> yielding(int value) {
  co_await this_task::yield();
  co_return value;
}

/// A manual_scheduler that runs on a thread of its own until it is destroyed.
class running_scheduler {
 public:
  running_scheduler() {
    wake_.run = [](detail::work&) noexcept {};
    thread_ = std::thread([this] {
      scheduler.adopt();
      adopted_ = true;
      adopted_.notify_one();
      scheduler.run_until([this] { return quit_.load(); });
      scheduler.run_ready();
    });
    adopted_.wait(false);
  }
  ~running_scheduler() {
    quit_ = true;
    scheduler.post(wake_);
    thread_.join();
  }
  manual_scheduler scheduler;

 private:
  detail::work wake_;
  std::atomic<bool> adopted_ = false;
  std::atomic<bool> quit_ = false;
  std::thread thread_;
};

template <class Action>
errc code_of(Action action) {
  try {
    action();
  } catch (const exception& reason) {
    return static_cast<errc>(reason.code().value());
  }
  return errc{};
}

TEST(task_spawn, does_not_run_inside_spawn) {
  manual_scheduler scheduler;
  auto handle = spawn(scheduler, number(5));
  EXPECT_FALSE(handle.done());
  scheduler.run_ready();
  EXPECT_TRUE(handle.done());
  EXPECT_EQ(handle.join(), 5);
  EXPECT_FALSE(handle);
  EXPECT_EQ(code_of([&] { handle.join(); }), errc::invalid_argument);
}

TEST(task_spawn, join_on_the_schedulers_own_thread_is_refused_while_the_task_runs) {
  manual_scheduler scheduler;
  auto handle = spawn(scheduler, number(5));
  EXPECT_EQ(code_of([&] { handle.join(); }), errc::would_deadlock);
  scheduler.run_ready();
  EXPECT_EQ(handle.join(), 5);
}

TEST(task_spawn, destroying_the_handle_stops_the_task_and_detaching_does_not) {
  manual_scheduler scheduler;
  std::string log;
  const auto body = [](std::string& text, std::string name) -> task<> {
    try {
      co_await sleep_for(1ms);
      text += name + " slept;";
    } catch (const exception&) {
      text += name + " cancelled;";
    }
  };
  {
    auto dropped = spawn(scheduler, body(log, "dropped"));
    auto assigned = spawn(scheduler, body(log, "assigned"));
    assigned = join_handle<>();
    spawn(scheduler, body(log, "detached")).detach();
    scheduler.run_ready();
  }
  scheduler.advance(1ms);
  EXPECT_EQ(log, "assigned cancelled;dropped cancelled;detached slept;");
}

TEST(task_spawn, a_task_awaits_the_handle) {
  manual_scheduler scheduler;
  const auto failing = []() -> task<> {
    co_await this_task::yield();
    throw std::runtime_error("from the spawned task");
  };
  const auto body = [&]() -> task<int> {
    auto handle = spawn(scheduler, yielding(3));
    auto done_before = spawn(scheduler, number(4));
    while (!done_before.done()) co_await this_task::yield();
    const int first = co_await std::move(handle);
    const int second = co_await std::move(done_before);
    EXPECT_THROW(co_await spawn(scheduler, failing()), std::runtime_error);
    co_return first * 10 + second;
  };
  EXPECT_EQ(scheduler.run(body()), 34);
}

TEST(task_spawn, a_stopped_wait_for_a_handle_stops_the_task_too) {
  manual_scheduler scheduler;
  bool inner_cancelled = false;
  const auto inner = [](bool& flag) -> task<> {
    try {
      co_await sleep_for(1h);
    } catch (const exception&) {
      flag = true;
    }
  };
  const auto outer = [&]() -> task<> { co_await spawn(scheduler, inner(inner_cancelled)); };
  auto handle = spawn(scheduler, outer());
  scheduler.run_ready();
  handle.request_stop();
  scheduler.run_ready();
  EXPECT_EQ(code_of([&] { handle.join(); }), errc::cancelled);
  EXPECT_TRUE(inner_cancelled);
}

TEST(task_spawn, what_the_task_owned_is_gone_when_it_is_done) {
  manual_scheduler scheduler;
  auto owned = std::make_shared<int>(1);
  const auto body = [](std::shared_ptr<int> held) -> task<int> {
    co_await this_task::yield();
    co_return *held;
  };
  auto handle = spawn(scheduler, body(owned));
  EXPECT_EQ(owned.use_count(), 2);
  scheduler.run_ready();
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(task_spawn, from_many_threads_and_join_there) {
  running_scheduler running;
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> sum = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) sum += spawn(running.scheduler, yielding(1)).join();
      const auto throwing = [](std::string text) -> task<> {
        co_await this_task::yield();
        throw std::runtime_error(text);
      };
      for (int i = 0; i < 100; ++i) {
        try {
          spawn(running.scheduler, throwing("a text that is long enough for the heap")).join();
        } catch (const std::runtime_error& error) {
          sum += std::string(error.what()).size() > 10 ? 1 : 0;
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(sum, 2400);
}

TEST(task_spawn, a_task_awaits_a_task_of_another_scheduler) {
  running_scheduler here;
  running_scheduler there;
  const auto body = [&]() -> task<int> {
    int sum = 0;
    for (int i = 0; i < 500; ++i) sum += co_await spawn(there.scheduler, yielding(1));
    detail::scheduler& found = co_await this_task::scheduler();
    EXPECT_TRUE(found.on_its_thread());
    co_return sum;
  };
  EXPECT_EQ(spawn(here.scheduler, body()).join(), 500);
}

// Races, for ThreadSanitizer: stop comes from here while the wait ends there.

TEST(task_race, stop_against_the_completion_of_a_join_on_another_scheduler) {
  running_scheduler here;
  running_scheduler there;
  int finished = 0;
  int cancelled = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto body = [](detail::scheduler& other) -> task<int> {
      co_return co_await spawn(other, yielding(1));
    };
    auto handle = spawn(here.scheduler, body(there.scheduler));
    if (i % 2 == 0) std::this_thread::yield();
    handle.request_stop();
    const errc code = code_of([&] { finished += handle.join(); });
    cancelled += code == errc::cancelled ? 1 : 0;
  }
  EXPECT_EQ(finished + cancelled, 1000);
}

TEST(task_race, stop_against_an_alarm_that_fires) {
  for (int i = 0; i < 500; ++i) {
    manual_scheduler scheduler;
    const auto body = []() -> task<> { co_await timeout(when_all(sleep_for(1ms), sleep_for(2ms)), 2ms); };
    auto handle = spawn(scheduler, body());
    scheduler.run_ready();
    std::atomic<bool> go = false;
    std::thread stopper([&] {
      while (!go) std::this_thread::yield();
      handle.request_stop();
    });
    go = true;
    scheduler.advance(3ms);
    stopper.join();
    scheduler.run_ready();
    EXPECT_TRUE(handle.done());
    EXPECT_EQ(scheduler.alarms(), 0U);
  }
}

TEST(task_race, many_threads_stop_drop_and_join) {
  running_scheduler running;
  std::stop_source all;
  const auto body = []() -> task<> { co_await when_any(sleep_for(1h), timeout(sleep_for(1h), 1h)); };
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        auto handle = spawn(running.scheduler, body(), all.get_token());
        if (i % 3 == t % 3) continue;  // dropped
        if (i % 3 == 0) handle.request_stop();
        if (i == 150) all.request_stop();
        if (i % 3 == 0 || i >= 150) {
          EXPECT_EQ(code_of([&] { handle.join(); }), errc::cancelled);
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
}

TEST(task_group, is_empty_when_its_tasks_have_ended) {
  manual_scheduler scheduler;
  detail::task_group group(scheduler);
  EXPECT_TRUE(group.empty());
  auto first = group.spawn(sleep_for(1h));
  auto second = group.spawn(number(2));
  group.spawn(sleep_for(1h)).detach();
  EXPECT_FALSE(group.empty());
  scheduler.run_ready();
  EXPECT_EQ(second.join(), 2);
  EXPECT_FALSE(group.empty());
  group.request_stop();
  scheduler.run_ready();
  EXPECT_TRUE(group.empty());
  EXPECT_EQ(code_of([&] { first.join(); }), errc::cancelled);
}

task<> tree(std::shared_ptr<int> held, int levels) {
  if (levels > 0) {
    co_await when_all(tree(held, levels - 1), timeout(tree(held, levels - 1), 1h));
  } else {
    while (*held != 0) {  // does not obey
      try {
        co_await sleep_for(1h);
      } catch (const exception&) {
      }
      co_await this_task::yield();
    }
  }
}

TEST(task_group, abandons_suspended_trees_of_tasks) {
  auto owned = std::make_shared<int>(1);
  std::optional<manual_scheduler> scheduler(std::in_place);
  std::optional<detail::task_group> group(std::in_place, *scheduler);
  auto deep = group->spawn(tree(owned, 5));
  const auto joins = [](join_handle<> other) -> task<> { co_await std::move(other); };
  auto joining = group->spawn(joins(group->spawn(tree(owned, 1))));
  scheduler->run_ready();
  auto never_started = group->spawn(tree(owned, 1));
  errc joined{};
  std::thread joiner([&] { joined = code_of([&] { deep.join(); }); });
  group->abandon();
  joiner.join();
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(scheduler->alarms(), 0U);
  EXPECT_EQ(joined, errc::terminated);
  auto too_late = group->spawn(tree(owned, 0));
  EXPECT_EQ(owned.use_count(), 1);
  group.reset();
  scheduler.reset();
  EXPECT_TRUE(never_started.done());
  EXPECT_EQ(code_of([&] { joining.join(); }), errc::terminated);
  EXPECT_EQ(code_of([&] { too_late.join(); }), errc::terminated);
}

}  // namespace
}  // namespace monocoque::io

// NOLINTEND(cppcoreguidelines-avoid-capturing-lambda-coroutines)
