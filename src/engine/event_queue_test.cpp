#include "engine/event_queue.hpp"

#include <monocoque/options.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace monocoque::engine {
namespace {

event numbered(std::size_t number) {
  return {.kind = event_kind::accepted, .endpoint = std::to_string(number)};
}

TEST(event_queue, keeps_the_newest_and_says_how_many_were_lost) {
  event_queue queue;
  for (std::size_t i = 0; i < event_queue::capacity + 3; ++i) queue.push(numbered(i));
  const std::optional<event> first = queue.try_take();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->endpoint, "3");
  EXPECT_EQ(first->missed, 3U);
  const std::optional<event> second = queue.try_take();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->endpoint, "4");
  EXPECT_EQ(second->missed, 0U);
}

TEST(event_queue, what_there_was_no_memory_for_is_counted_in_the_next_one) {
  event_queue queue;
  queue.push(numbered(1));
  queue.note_missed();
  queue.note_missed();
  queue.push(numbered(2));
  queue.push(numbered(3));
  EXPECT_EQ(queue.try_take()->missed, 0U);
  EXPECT_EQ(queue.try_take()->missed, 2U);
  EXPECT_EQ(queue.try_take()->missed, 0U);
}

TEST(event_queue, what_is_there_is_still_given_after_the_end) {
  event_queue queue;
  queue.push(numbered(1));
  queue.finish();
  EXPECT_TRUE(queue.take(infinite, {}));
  EXPECT_EQ(queue.take(infinite, {}).error(), errc::closed);
}

TEST(event_queue, a_wait_ends_by_an_event_a_deadline_or_a_stop) {
  event_queue queue;
  EXPECT_EQ(queue.take(std::chrono::milliseconds(0), {}).error(), errc::timed_out);
  std::stop_source stop;
  {
    const std::jthread other([&stop] { stop.request_stop(); });
    EXPECT_EQ(queue.take(infinite, stop.get_token()).error(), errc::cancelled);
  }
  const std::jthread other([&queue] { queue.push(numbered(7)); });
  const result<event> taken = queue.take(infinite, {});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->endpoint, "7");
}

event drop(std::uint64_t count, drop_reason why) {
  return {.kind = event_kind::dropped, .count = count, .why = why};
}

TEST(event_queue, what_comes_often_is_added_up_while_nobody_takes_it) {
  event_queue queue;
  queue.push(numbered(1));
  queue.push(drop(2, drop_reason::full));
  queue.push(drop(1, drop_reason::unroutable));
  queue.push(drop(3, drop_reason::full));
  queue.push(numbered(2));
  queue.push(drop(4, drop_reason::full));  // after what has happened since
  EXPECT_EQ(queue.try_take()->endpoint, "1");
  EXPECT_EQ(queue.try_take()->count, 5U);
  EXPECT_EQ(queue.try_take()->why, drop_reason::unroutable);
  EXPECT_EQ(queue.try_take()->endpoint, "2");
  EXPECT_EQ(queue.try_take()->count, 4U);
  EXPECT_FALSE(queue.try_take());
}

}  // namespace
}  // namespace monocoque::engine
