#include "base/slab.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace monocoque::base {
namespace {

bytes write(slab_writer& writer, std::size_t size, char fill) {
  const std::span<std::byte> room = writer.room(size);
  EXPECT_GE(room.size(), size);
  std::memset(room.data(), fill, size);
  return writer.commit(size);
}

TEST(slab_pool, hands_out_slabs_of_one_size_and_counts_them) {
  const auto pool = slab_pool::make(4096, 2);
  EXPECT_EQ(pool->slab_size(), 4096U);
  slab* one = pool->take();
  slab* two = pool->take();
  EXPECT_NE(one, two);
  EXPECT_EQ(one->capacity(), 4096U);
  EXPECT_TRUE(one->unique());
  EXPECT_EQ(pool->in_use(), 2U);
  one->release();
  EXPECT_EQ(pool->in_use(), 1U);
  EXPECT_EQ(pool->spare(), 1U);
  EXPECT_EQ(pool->take(), one);
  one->release();
  two->release();
  EXPECT_EQ(pool->in_use(), 0U);
}

TEST(slab_pool, keeps_no_more_spare_slabs_than_it_may) {
  const auto pool = slab_pool::make(128, 2);
  std::vector<slab*> taken;
  for (int i = 0; i < 50; ++i) taken.push_back(pool->take());
  for (slab* held : taken) held->release();
  EXPECT_EQ(pool->spare(), 16U);
  EXPECT_EQ(pool->in_use(), 0U);
}

// A long queue that empties fills again.
TEST(slab_pool, keeps_more_where_many_were_in_use_until_that_is_long_ago) {
  const auto pool = slab_pool::make(128, 2);
  for (int round = 0; round < 3; ++round) {
    std::vector<slab*> taken;
    for (int i = 0; i < 10; ++i) taken.push_back(pool->take());
    for (slab* held : taken) held->release();
    EXPECT_EQ(pool->spare(), 10U);
  }
  for (int i = 0; i < 10'000; ++i) pool->take()->release();
  EXPECT_EQ(pool->spare(), 2U);
  EXPECT_EQ(pool->in_use(), 0U);
}

TEST(slab_pool, that_may_keep_nothing_keeps_nothing) {
  const auto pool = slab_pool::make(128, 0);
  pool->take()->release();
  EXPECT_EQ(pool->spare(), 0U);
}

TEST(slab_pool, does_not_reuse_a_slab_while_a_slice_lives) {
  const auto pool = slab_pool::make(1024, 4);
  slab* first = pool->take();
  std::memset(first->data(), 'a', 1024);
  bytes slice = bytes::share(*first, first->data(), 100);
  first->release();
  EXPECT_EQ(pool->in_use(), 1U);
  slab* second = pool->take();
  EXPECT_NE(second, first);
  std::memset(second->data(), 'b', 1024);
  EXPECT_EQ(slice, std::string(100, 'a'));
  slice = bytes();
  EXPECT_EQ(pool->in_use(), 1U);
  EXPECT_EQ(pool->take(), first);
  first->release();
  second->release();
}

TEST(slab_pool, may_go_before_its_slices) {
  bytes slice;
  {
    const auto pool = slab_pool::make(1024, 4);
    slab_writer writer(pool);
    slice = write(writer, 500, 'x');
    pool->take()->release();  // a spare one, which the pool must free
  }
  EXPECT_EQ(slice, std::string(500, 'x'));
}

TEST(slab_pool, takes_slabs_back_from_other_threads) {
  const auto pool = slab_pool::make(1024, 4);
  slab_writer writer(pool);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([slice = write(writer, 300, static_cast<char>('a' + i)), i] {
        EXPECT_EQ(slice, std::string(300, static_cast<char>('a' + i)));
      });
    }
  }
  EXPECT_LE(pool->in_use(), 1U);
  EXPECT_LE(pool->spare(), 4U);
}

TEST(slab_pool, is_taken_from_by_several_threads) {
  const auto pool = slab_pool::make(256, 3);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&pool, i] {
      for (int round = 0; round < 500; ++round) {
        slab* mine = pool->take();
        std::memset(mine->data(), i, mine->capacity());
        EXPECT_EQ(mine->data()[255], static_cast<std::byte>(i));
        mine->release();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(pool->in_use(), 0U);
  EXPECT_LE(pool->spare(), 3U);
}

TEST(slab_writer, puts_small_writes_into_one_slab) {
  const auto pool = slab_pool::make(1000, 4);
  slab_writer writer(pool);
  const bytes one = write(writer, 100, 'a');
  const bytes two = write(writer, 200, 'b');
  EXPECT_EQ(two.data(), one.data() + 100);
  EXPECT_EQ(pool->in_use(), 1U);
  EXPECT_EQ(one, std::string(100, 'a'));
  EXPECT_EQ(two, std::string(200, 'b'));
}

TEST(slab_writer, takes_another_slab_when_the_room_is_too_small) {
  const auto pool = slab_pool::make(1000, 4);
  slab_writer writer(pool);
  const bytes one = write(writer, 600, 'a');
  const bytes two = write(writer, 600, 'b');
  EXPECT_NE(two.owner(), one.owner());
  EXPECT_EQ(pool->in_use(), 2U);
  EXPECT_EQ(one, std::string(600, 'a'));
}

TEST(slab_writer, starts_over_in_the_same_slab_once_its_slices_are_gone) {
  const auto pool = slab_pool::make(1000, 4);
  slab_writer writer(pool);
  const std::byte* start = writer.room(1).data();
  for (int round = 0; round < 50; ++round) {
    const bytes slice = write(writer, 900, 'a');
    EXPECT_EQ(slice.data(), start);
  }
  EXPECT_EQ(pool->in_use(), 1U);
}

TEST(slab_writer, hands_out_only_what_was_committed) {
  const auto pool = slab_pool::make(1000, 4);
  slab_writer writer(pool);
  EXPECT_EQ(writer.room(1000).size(), 1000U);
  std::memset(writer.room(1).data(), 'x', 150);
  const bytes part = writer.commit(150);
  EXPECT_EQ(part.size(), 150U);
  EXPECT_EQ(writer.room(1).size(), 850U);
  (void)writer.room(1);
  EXPECT_TRUE(writer.commit(0).empty());
}

TEST(slab_writer, leaves_slabs_free_when_only_small_pieces_were_taken) {
  const auto pool = slab_pool::make(1000, 4);
  slab_writer writer(pool);
  std::vector<bytes> kept;
  for (int i = 0; i < 100; ++i) kept.push_back(write(writer, bytes::inline_capacity, 'k'));
  EXPECT_EQ(pool->in_use(), 1U);
  for (const bytes& piece : kept) EXPECT_EQ(piece, std::string(bytes::inline_capacity, 'k'));
}

}  // namespace
}  // namespace monocoque::base
