#include "base/short_mutex.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace monocoque::base {
namespace {

TEST(short_mutex, lets_one_thread_in_at_a_time) {
  short_mutex guard;
  int count = 0;
  constexpr int threads = 4;
  constexpr int rounds = 20'000;
  std::vector<std::jthread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        const std::lock_guard lock(guard);
        ++count;
      }
    });
  }
  all.clear();
  EXPECT_EQ(count, threads * rounds);
}

TEST(short_mutex, wakes_those_who_sleep) {
  short_mutex guard;
  guard.lock();
  bool seen = false;
  std::jthread sleeper([&] {
    const std::lock_guard lock(guard);
    seen = true;
  });
  guard.unlock();
  sleeper.join();
  const std::lock_guard lock(guard);
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace monocoque::base
