#include "base/ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>

namespace monocoque::base {
namespace {

TEST(ring, owns_nothing_until_something_is_added) {
  const ring<std::string> empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.capacity(), 0U);
}

TEST(ring, keeps_the_order_of_a_queue) {
  ring<int> queue;
  for (int i = 0; i < 100; ++i) queue.push_back(i);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(queue.front(), i);
    queue.pop_front();
  }
  EXPECT_TRUE(queue.empty());
}

TEST(ring, is_a_deque_whatever_is_done_to_it) {
  std::mt19937 random(7);
  ring<std::string> subject;
  std::deque<std::string> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto choice = random() % 8;
    const std::string fresh = "element number " + std::to_string(step);
    if (choice < 3) {
      subject.push_back(fresh);
      model.push_back(fresh);
    } else if (choice == 3) {
      subject.push_front(fresh);
      model.push_front(fresh);
    } else if (!model.empty()) {
      subject.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(subject.size(), model.size());
    if (model.empty()) continue;
    const std::size_t any = random() % model.size();
    ASSERT_EQ(subject[any], model[any]);
    ASSERT_EQ(subject.front(), model.front());
    ASSERT_EQ(subject.back(), model.back());
  }
}

TEST(ring, keeps_its_memory_when_it_is_cleared_and_gives_it_back_when_released) {
  ring<std::unique_ptr<int>> queue;
  for (int i = 0; i < 5; ++i) queue.push_back(std::make_unique<int>(i));
  queue.clear();
  EXPECT_EQ(queue.capacity(), 8U);
  queue.push_back(std::make_unique<int>(5));
  EXPECT_EQ(*queue.back(), 5);
  queue.release();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.capacity(), 0U);
}

TEST(ring, swaps_with_another) {
  ring<int> one;
  ring<int> other;
  one.push_back(1);
  one.swap(other);
  EXPECT_TRUE(one.empty());
  EXPECT_EQ(other.front(), 1);
}

TEST(ring, holds_its_elements_when_it_grows_around_the_end) {
  ring<int> queue;
  queue.push_back(1);
  queue.push_back(2);
  queue.pop_front();
  queue.push_back(3);  // the first place of the memory
  queue.push_back(4);
  EXPECT_EQ(queue[0], 2);
  EXPECT_EQ(queue[1], 3);
  EXPECT_EQ(queue[2], 4);
}

}  // namespace
}  // namespace monocoque::base
