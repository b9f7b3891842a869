#include "base/block_cache.hpp"

#include "base/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace monocoque::base {
namespace {

TEST(block_cache, rounds_up_by_a_quarter_at_most) {
  std::set<std::size_t> sizes;
  for (std::size_t size = 1; size <= block_cache::largest_block; ++size) {
    const std::size_t given = block_cache::round_up(size);
    ASSERT_GE(given, size);
    ASSERT_LE(given, std::max<std::size_t>(128, size + size / 4)) << size;
    ASSERT_EQ(block_cache::round_up(given), given) << size;
    sizes.insert(given);
  }
  EXPECT_EQ(sizes.size(), 41U);  // 128, and four a doubling up to 128 KB
}

TEST(block_cache, gives_back_what_was_put_back) {
  block_cache cache;
  const std::size_t size = block_cache::round_up(5000);
  void* const first = cache.take(size);
  cache.put_back(first, size);
  void* const other_size = cache.take(block_cache::round_up(9000));
  EXPECT_NE(other_size, first);
  void* const again = cache.take(size);
  EXPECT_EQ(again, first);
  std::memset(again, 1, size);  // all of it is ours
  std::free(again);
  std::free(other_size);
}

TEST(block_cache, keeps_what_was_in_use_lately_until_that_is_long_ago) {
  block_cache cache;
  const std::size_t size = block_cache::largest_block;  // of which two are kept in any case
  std::set<void*> all;
  for (int round = 0; round < 3; ++round) {
    std::vector<void*> taken;
    for (int i = 0; i < 40; ++i) taken.push_back(cache.take(size));
    all.insert(taken.begin(), taken.end());
    for (void* each : taken) cache.put_back(each, size);
    EXPECT_GE(cache.kept(size), 39U);
  }
  EXPECT_LE(all.size(), 43U);  // each time the same
  for (int i = 0; i < 10'000; ++i) cache.put_back(cache.take(size), size);
  EXPECT_EQ(cache.kept(size), 2U);
  while (cache.kept(size) != 0) std::free(cache.take(size));
}

TEST(block_cache, keeps_a_bounded_number_of_bytes_of_all_sizes_together) {
  block_cache cache;
  const std::array sizes{block_cache::largest_block, block_cache::round_up(100'000),
                         block_cache::round_up(70'000), std::size_t{128}};
  for (const std::size_t size : sizes) {
    std::vector<void*> taken;
    for (int i = 0; i < 1000; ++i) taken.push_back(cache.take(size));
    for (void* each : taken) cache.put_back(each, size);
  }
  std::size_t bytes = 0;
  for (const std::size_t size : sizes) bytes += cache.kept(size) * size;
  EXPECT_GT(bytes, std::size_t{15} << 20U);
  EXPECT_LE(bytes, std::size_t{17} << 20U);
  for (const std::size_t size : sizes) {
    while (cache.kept(size) != 0) std::free(cache.take(size));
  }
}

TEST(block_cache, serves_threads_that_give_back_each_others_blocks) {
  constexpr int rounds = 2000;
  constexpr std::size_t kept_waiting = 20;
  std::deque<heap_buffer*> waiting;
  short_mutex mutex;
  const auto work = [&] {
    for (int i = 0; i < rounds; ++i) {
      heap_buffer* const mine = heap_buffer::make(static_cast<std::size_t>(100 + i % 300));
      std::memset(mine->data(), i, mine->capacity());
      const std::lock_guard lock(mutex);
      waiting.push_back(mine);
      if (waiting.size() < kept_waiting) continue;
      waiting.front()->release();
      waiting.pop_front();
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(work);
  threads.clear();
  EXPECT_EQ(waiting.size(), kept_waiting - 1);
  for (heap_buffer* left : waiting) left->release();
}

}  // namespace
}  // namespace monocoque::base
