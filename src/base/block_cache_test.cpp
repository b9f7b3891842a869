#include "base/block_cache.hpp"

#include "base/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(block_cache, keeps_a_bounded_number) {
  block_cache cache;
  const std::size_t size = block_cache::largest_block;
  std::vector<void*> blocks;
  for (int i = 0; i < 3; ++i) blocks.push_back(cache.take(size));
  for (void* each : blocks) cache.put_back(each, size);  // the third is freed
  std::set<void*> kept{cache.take(size), cache.take(size)};
  EXPECT_EQ(kept, (std::set<void*>{blocks[0], blocks[1]}));
  for (void* each : kept) std::free(each);
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
