#include "engine/waiters.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace monocoque::engine {
namespace {

struct counting_waiter : waiter {
  counting_waiter() : waiter(io::bind_callback<&counting_waiter::wake>(this)) {}
  void wake() noexcept { ++woken; }
  int woken = 0;
};

TEST(waiter_list, wakes_each_waiter_once_and_forgets_it) {
  waiter_list list;
  counting_waiter one;
  counting_waiter two;
  list.add(one);
  list.add(two);
  list.notify_all();
  list.notify_all();
  EXPECT_EQ(one.woken, 1);
  EXPECT_EQ(two.woken, 1);
  EXPECT_TRUE(list.empty());
}

TEST(waiter_list, a_waiter_that_left_is_not_woken) {
  waiter_list list;
  counting_waiter stays;
  counting_waiter leaves;
  list.add(leaves);
  list.add(stays);
  list.remove(leaves);
  list.remove(leaves);
  EXPECT_FALSE(leaves.queued());
  list.notify_all();
  EXPECT_EQ(leaves.woken, 0);
  EXPECT_EQ(stays.woken, 1);
}

TEST(thread_waiter, a_signal_before_the_wait_is_not_lost) {
  thread_waiter self;
  self.signal();
  EXPECT_TRUE(self.wait_until(std::chrono::steady_clock::time_point::max()));
  EXPECT_FALSE(self.wait_until(std::chrono::steady_clock::now()));
}

TEST(thread_waiter, wakes_a_thread_that_blocks) {
  thread_waiter self;
  const std::jthread other([&self] { self.signal(); });
  EXPECT_TRUE(self.wait_until(std::chrono::steady_clock::time_point::max()));
}

TEST(thread_waiter, may_look_for_its_signal_before_it_sleeps) {
  using namespace std::chrono_literals;
  thread_waiter self;
  EXPECT_FALSE(self.spin(1us));
  self.signal();
  self.signal();
  EXPECT_TRUE(self.spin(1us));
  EXPECT_FALSE(self.spin(1us)) << "the signal is consumed";
  for (int i = 0; i < 100; ++i) {
    const std::jthread other([&self] { self.signal(); });
    if (!self.spin(20us)) {
      EXPECT_TRUE(self.wait_until(std::chrono::steady_clock::time_point::max()));
    }
  }
}

}  // namespace
}  // namespace monocoque::engine
