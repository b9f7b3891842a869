#include "engine/inproc_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace monocoque::engine {
namespace {

void add(inproc_queue& to, int number) {
  static_cast<void>(to.push(inproc_kind::plain, message(std::to_string(number))));
}
std::string take(inproc_queue& from) {
  inproc_entry* const next = from.front();
  if (next == nullptr) return "-";
  std::string text = next->what.str();
  static_cast<void>(from.pop());
  return text;
}

TEST(inproc_queue, is_first_in_first_out_across_chunks) {
  inproc_queue queue;
  int sent = 0;
  int taken = 0;
  for (const int burst : {1, 63, 64, 65, 500, 3, 1000}) {
    for (int i = 0; i < burst; ++i) add(queue, sent++);
    EXPECT_EQ(queue.count(), static_cast<std::uint64_t>(sent - taken));
    for (int i = 0; i < burst - 1; ++i) ASSERT_EQ(take(queue), std::to_string(taken++));
  }
  while (taken < sent) ASSERT_EQ(take(queue), std::to_string(taken++));
  EXPECT_EQ(take(queue), "-");
  for (int i = 0; i < 200; ++i) add(queue, i);  // destroyed with the queue
}

TEST(inproc_queue, keeps_payloads_of_every_form) {
  inproc_queue queue;
  const std::string large(100, 'x');
  for (const std::string& text : {std::string("small"), large}) {
    static_cast<void>(queue.push(std::as_bytes(std::span(text))));
    static_cast<void>(queue.push(inproc_kind::delimited, message::of({text, "2"})));
    static_cast<void>(queue.push(inproc_kind::cancel, message(text)));
    EXPECT_EQ(take(queue), text);
    EXPECT_EQ(queue.front()->kind, inproc_kind::delimited);
    EXPECT_EQ(queue.front()->what, message::of({text, "2"}));
    EXPECT_EQ(take(queue), text);
    EXPECT_EQ(queue.front()->kind, inproc_kind::cancel);
    EXPECT_EQ(take(queue), text);
  }
}

TEST(inproc_queue, tells_a_receiver_that_rests_once) {
  inproc_queue queue;
  EXPECT_FALSE(queue.push(inproc_kind::plain, message("nobody rests")));
  EXPECT_FALSE(queue.rest()) << "there is something";
  EXPECT_EQ(take(queue), "nobody rests");
  EXPECT_TRUE(queue.rest());
  EXPECT_TRUE(queue.push(inproc_kind::plain, message("a")));
  EXPECT_FALSE(queue.push(inproc_kind::plain, message("b")));
}

TEST(inproc_queue, is_full_at_its_limit_and_tells_the_sender_when_it_is_half_empty) {
  for (const std::uint64_t limit : {1U, 2U, 3U, 7U, 100U}) {
    inproc_queue queue;
    queue.set_limit(limit);
    for (std::uint64_t i = 0; i < limit; ++i) {
      EXPECT_FALSE(queue.full()) << i << " of " << limit;
      add(queue, 0);
    }
    EXPECT_TRUE(queue.full());
    EXPECT_FALSE(queue.half_empty());
    std::uint64_t left = limit;
    while (queue.front() != nullptr) {
      --left;
      // Just once, as soon as half of it is free.
      EXPECT_EQ(queue.pop(), left == limit / 2) << left << " of " << limit;
    }
    EXPECT_TRUE(queue.half_empty());
    EXPECT_FALSE(queue.full());
    EXPECT_FALSE(queue.sender_may_go_on());
  }
}

TEST(inproc_queue, that_counts_in_halves_takes_what_has_gone_for_there_until_half_has) {
  inproc_queue queue;
  queue.count_in_halves();
  queue.set_limit(5);  // three are half of it
  for (int i = 0; i < 4; ++i) add(queue, i);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(take(queue), std::to_string(i));
  EXPECT_FALSE(queue.full());
  add(queue, 4);
  EXPECT_TRUE(queue.full()) << "five were sent";
  EXPECT_EQ(queue.count(), 3U);
  ASSERT_NE(queue.front(), nullptr);
  EXPECT_TRUE(queue.pop()) << "half of it has gone, and the sender is told";
  for (int i = 5; i < 8; ++i) {
    EXPECT_FALSE(queue.full());
    add(queue, i);
  }
  EXPECT_TRUE(queue.full()) << "three more than five were sent";
}

TEST(inproc_queue, keeps_the_newest_only) {
  inproc_queue queue;
  add(queue, 1);
  add(queue, 2);
  queue.keep_newest_only();
  EXPECT_EQ(queue.drop_older(), 1U);
  EXPECT_EQ(queue.front()->what.view(), "2");
  add(queue, 3);
  add(queue, 4);
  EXPECT_EQ(queue.take_replaced(), 1U);
  EXPECT_EQ(queue.drop_older(), 1U);
  EXPECT_EQ(queue.front()->what.view(), "4");
  add(queue, 5);
  EXPECT_EQ(queue.drop_older(), 1U) << "looked at, not taken";
  EXPECT_EQ(take(queue), "5");
  EXPECT_TRUE(queue.rest());
  EXPECT_TRUE(queue.push(inproc_kind::plain, message("6")));
  EXPECT_FALSE(queue.full());
}

/// The parameter: whether it counts in halves.
class inproc_queue_of_two_threads : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(that, inproc_queue_of_two_threads, testing::Bool(), [](const auto& parameter) {
  return parameter.param ? "counts_in_halves" : "counts_one_by_one";
});

/// Both sides sleep when they have nothing to do, until the other tells them: a call too few stops the test.
TEST_P(inproc_queue_of_two_threads, joins_them_though_they_sleep) {
  constexpr int count = 100'000;
  for (const std::uint64_t limit : {1U, 2U, 3U, 10U, 1000U}) {
    inproc_queue queue;
    if (GetParam()) queue.count_in_halves();
    queue.set_limit(limit);
    std::atomic<int> told_receiver{0}, told_sender{0};
    const auto tell = [](std::atomic<int>& whom) {
      whom.fetch_add(1);
      whom.notify_one();
    };
    const auto sleep = [](std::atomic<int>& own) {
      own.wait(0);
      own.fetch_sub(1);
    };
    std::jthread sender([&] {
      for (int i = 0; i < count; ++i) {
        if (queue.push(inproc_kind::plain, message(std::to_string(i)))) tell(told_receiver);
        while (queue.full()) sleep(told_sender);
      }
    });
    for (int i = 0; i < count; ++i) {
      while (queue.front() == nullptr) {
        const bool rests = queue.rest();
        if (queue.sender_may_go_on()) tell(told_sender);
        if (rests) sleep(told_receiver);
      }
      ASSERT_EQ(queue.front()->what.view(), std::to_string(i));
      if (queue.pop()) tell(told_sender);
    }
  }
}

TEST(inproc_queue, joins_two_threads_of_which_one_wants_the_newest_only) {
  inproc_queue queue;
  queue.keep_newest_only();
  constexpr int last = 50'000;
  std::jthread sender([&] {
    for (int i = 1; i <= last; ++i) add(queue, i);
  });
  int seen = 0;
  while (seen < last) {
    static_cast<void>(queue.drop_older());
    if (queue.front() == nullptr) continue;
    const int next = std::stoi(take(queue));
    ASSERT_GT(next, seen);
    seen = next;
  }
}

}  // namespace
}  // namespace monocoque::engine
