#include "base/small_blocks.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace monocoque::base {
namespace {

std::vector<void*> taken(std::size_t count) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    void* const block = small_blocks::take();
    EXPECT_NE(block, nullptr);
    std::memset(block, 0xff, small_blocks::size);
    blocks.push_back(block);
  }
  return blocks;
}

void give_back(const std::vector<void*>& blocks) {
  for (void* const block : blocks) small_blocks::put_back(block);
}

TEST(small_blocks, are_used_again_by_the_thread_that_gave_them_back) {
  const std::vector<void*> before = taken(small_blocks::most_kept);
  give_back(before);
  const std::vector<void*> after = taken(small_blocks::most_kept);
  EXPECT_EQ(std::set<void*>(before.begin(), before.end()), std::set<void*>(after.begin(), after.end()));
  give_back(after);
}

TEST(small_blocks, may_be_more_than_a_thread_keeps) { give_back(taken(10 * small_blocks::most_kept)); }

TEST(small_blocks, go_from_thread_to_thread_and_end_with_them) {
  std::vector<void*> made;
  std::thread([&] { made = taken(2 * small_blocks::most_kept); }).join();
  std::thread([&] { give_back(made); }).join();
}

/// What ends after the thread's list does: a block held by an object that is older.
TEST(small_blocks, may_come_back_while_the_thread_ends) {
  struct late {
    void* block = nullptr;
    ~late() {
      if (block != nullptr) small_blocks::put_back(block);
    }
  };
  std::thread([] {
    thread_local late holder;
    holder.block = small_blocks::take();
    small_blocks::put_back(small_blocks::take());
  }).join();
}

}  // namespace
}  // namespace monocoque::base
