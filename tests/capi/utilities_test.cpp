#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

class counter_test : public testing::Test {
 protected:
  void TearDown() override {
    zmq_atomic_counter_destroy(&counter_);
    EXPECT_EQ(counter_, nullptr);
  }

  void* counter_ = zmq_atomic_counter_new();
};

TEST_F(counter_test, begins_at_0) { EXPECT_EQ(zmq_atomic_counter_value(counter_), 0); }

TEST_F(counter_test, answers_what_it_was_before_it_went_up) {
  EXPECT_EQ(zmq_atomic_counter_inc(counter_), 0);
  EXPECT_EQ(zmq_atomic_counter_inc(counter_), 1);
  EXPECT_EQ(zmq_atomic_counter_inc(counter_), 2);
  EXPECT_EQ(zmq_atomic_counter_value(counter_), 3);
}

TEST_F(counter_test, answers_0_when_it_has_come_down_to_0) {
  zmq_atomic_counter_set(counter_, 2);
  EXPECT_EQ(zmq_atomic_counter_dec(counter_), 1);
  EXPECT_EQ(zmq_atomic_counter_dec(counter_), 0);
  EXPECT_EQ(zmq_atomic_counter_value(counter_), 0);
  EXPECT_EQ(zmq_atomic_counter_dec(counter_), 1) << "below 0 is not 0";
  EXPECT_EQ(zmq_atomic_counter_value(counter_), -1);
}

TEST_F(counter_test, holds_any_int) {
  for (const int value : {INT_MAX, INT_MIN, -1, 4711, 0}) {
    zmq_atomic_counter_set(counter_, value);
    EXPECT_EQ(zmq_atomic_counter_value(counter_), value);
  }
}

TEST_F(counter_test, counts_for_several_threads) {
  constexpr int threads = 4;
  constexpr int times = 10'000;
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([this] {
      for (int j = 0; j < times; ++j) zmq_atomic_counter_inc(counter_);
    });
  }
  for (auto& thread : running) thread.join();
  ASSERT_EQ(zmq_atomic_counter_value(counter_), threads * times);

  std::atomic<int> zeros = 0;
  running.clear();
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([this, &zeros] {
      for (int j = 0; j < times; ++j) zeros += zmq_atomic_counter_dec(counter_) == 0 ? 1 : 0;
    });
  }
  for (auto& thread : running) thread.join();
  EXPECT_EQ(zeros, 1);
}

TEST(counter, that_is_none_does_no_harm) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would crash";
  zmq_atomic_counter_set(nullptr, 1);
  EXPECT_EQ(zmq_atomic_counter_inc(nullptr), -1);
  EXPECT_EQ(zmq_errno(), EFAULT);
  EXPECT_EQ(zmq_atomic_counter_dec(nullptr), -1);
  EXPECT_EQ(zmq_atomic_counter_value(nullptr), -1);
  zmq_atomic_counter_destroy(nullptr);
  void* none = nullptr;
  zmq_atomic_counter_destroy(&none);
}

TEST(stopwatch, counts_microseconds_that_have_passed) {
  const auto before = std::chrono::steady_clock::now();
  void* const watch = zmq_stopwatch_start();
  ASSERT_NE(watch, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));  // what is measured, not what is waited for
  const unsigned long first = zmq_stopwatch_intermediate(watch);
  const unsigned long second = zmq_stopwatch_intermediate(watch);
  const unsigned long last = zmq_stopwatch_stop(watch);
  const auto all = std::chrono::steady_clock::now() - before;
  // A tick of the clock that libzmq reads may be missing at either end.
  EXPECT_GE(first + 1000, 2000U);
  EXPECT_GE(second, first);
  EXPECT_GE(last, second);
  EXPECT_LE(last, std::chrono::ceil<std::chrono::microseconds>(all).count() + 1000);
}

TEST(sleep, of_no_seconds_returns) { zmq_sleep(0); }

TEST(sleep, lasts_as_long_as_it_was_told_to) {
  void* const watch = zmq_stopwatch_start();
  zmq_sleep(1);
  EXPECT_GE(zmq_stopwatch_stop(watch) + 1000, 1'000'000U);
}

TEST(sleep, is_ended_by_a_signal) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, &before);
  std::atomic<bool> over = false;
  std::thread sleeper([&] {
    zmq_sleep(100'000);
    over = true;
  });
  while (!over) {  // the first may come too early
    pthread_kill(sleeper.native_handle(), SIGUSR1);
    std::this_thread::yield();
  }
  sleeper.join();
  sigaction(SIGUSR1, &before, nullptr);
}

TEST(thread, runs_the_function_with_its_argument_until_it_is_closed) {
  std::atomic<std::thread::id> ran_on;
  void* const thread = zmq_threadstart(
      [](void* arg) { *static_cast<std::atomic<std::thread::id>*>(arg) = std::this_thread::get_id(); },
      &ran_on);
  ASSERT_NE(thread, nullptr);
  zmq_threadclose(thread);
  EXPECT_NE(ran_on.load(), std::thread::id());
  EXPECT_NE(ran_on.load(), std::this_thread::get_id());
}

TEST(thread, closing_waits_for_the_end) {
  struct shared {
    std::atomic<bool> go = false;
    std::atomic<bool> done = false;
  } state;
  void* const thread = zmq_threadstart(
      [](void* arg) {
        auto& at = *static_cast<shared*>(arg);
        at.go.wait(false);
        at.done = true;
      },
      &state);
  EXPECT_FALSE(state.done);
  state.go = true;
  state.go.notify_all();
  zmq_threadclose(thread);
  EXPECT_TRUE(state.done);
}

TEST(thread, leaves_signals_to_the_others) {
  sigset_t own;
  pthread_sigmask(SIG_SETMASK, nullptr, &own);
  sigset_t masked;
  sigemptyset(&masked);
  zmq_threadclose(zmq_threadstart(
      [](void* arg) { pthread_sigmask(SIG_SETMASK, nullptr, static_cast<sigset_t*>(arg)); }, &masked));
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD, SIGALRM})
    EXPECT_EQ(sigismember(&masked, number), 1) << number;
  sigset_t still;
  pthread_sigmask(SIG_SETMASK, nullptr, &still);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD, SIGALRM})
    EXPECT_EQ(sigismember(&still, number), sigismember(&own, number)) << number;
}

TEST(thread, may_end_itself_and_start_others) {
  void* inner = nullptr;
  zmq_threadclose(zmq_threadstart(
      [](void* arg) {
        *static_cast<void**>(arg) = zmq_threadstart([](void*) { pthread_exit(nullptr); }, nullptr);
        pthread_exit(nullptr);
      },
      &inner));
  ASSERT_NE(inner, nullptr);
  zmq_threadclose(inner);
}

TEST(thread, that_is_none_is_closed_already) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would crash";
  zmq_threadclose(nullptr);
}

}  // namespace
}  // namespace monocoque::test
