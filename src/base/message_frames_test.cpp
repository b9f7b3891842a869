// Messages of several frames against a plain list of strings, and the memory that their frames are in
// (detail/frame_block.hpp).
#include <monocoque/message.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace monocoque {
namespace {

using model = std::deque<std::string>;

void expect_same(const message& actual, const model& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  std::size_t bytes_in_all = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(actual[i], expected[i]) << "frame " << i;
    bytes_in_all += expected[i].size();
  }
  ASSERT_EQ(actual.byte_count(), bytes_in_all);
  ASSERT_EQ(actual.frames().size(), expected.size());
  ASSERT_EQ(actual.front(), expected.front());
  ASSERT_EQ(actual.view(), expected.front());
  ASSERT_EQ(actual.back(), expected.back());
}

message made_of(const model& frames) {
  message made(frames.front());
  for (std::size_t i = 1; i < frames.size(); ++i) made.push_back(frames[i]);
  return made;
}

/// A message and what it must be, changed together at random.
class pair_of_both {
 public:
  explicit pair_of_both(unsigned seed) : random_(seed) {}

  void change() {
    switch (random_() % 10) {
      case 0:
      case 1: push_back(); break;
      case 2: push_front(); break;
      case 3: pop_front(); break;
      case 4: append(); break;
      case 5: copy(); break;
      case 6: move(); break;
      case 7: assign_itself(); break;
      case 8: many(); break;
      default: actual_.compact(); break;
    }
    if (random_() % 50 == 0) clear();
  }
  void check() const { expect_same(actual_, expected_); }

 private:
  std::string text() {
    constexpr std::size_t sizes[] = {0, 1, 8, 70, 71, 72, 300};
    return std::string(sizes[random_() % std::size(sizes)], static_cast<char>('a' + random_() % 26));
  }
  void push_back() {
    expected_.push_back(text());
    actual_.push_back(expected_.back());
  }
  void push_front() {
    expected_.push_front(text());
    actual_.push_front(expected_.front());
  }
  void pop_front() {
    EXPECT_EQ(actual_.pop_front(), expected_.front());
    expected_.pop_front();
    if (expected_.empty()) expected_.emplace_back();
  }
  void append() {
    const std::string tail = text();
    expected_.back() += tail;
    actual_.append(tail);
  }
  void copy() {
    const message before = actual_;
    const message twin = made_of(expected_);
    ASSERT_EQ(before, twin);
    push_back();
    ASSERT_EQ(before, twin);
    ASSERT_FALSE(before == actual_);
    message other("other");
    other.push_back("frames");
    other = actual_;
    actual_ = other;
  }
  void move() {
    message taken = std::move(actual_);
    expect_same(actual_, {""});  // NOLINT(bugprone-use-after-move): that is what is tested
    actual_.push_back("to be replaced");
    actual_ = std::move(taken);
  }
  void assign_itself() {
    message& alias = actual_;
    actual_ = alias;
    actual_ = std::move(alias);
  }
  void many() {
    const auto count = random_() % 3 == 0 ? random_() % 40 : random_() % 5;
    const bool in_front = random_() % 2 == 0;
    for (auto left = count; left > 0; --left) in_front ? push_front() : push_back();
  }
  void clear() {
    actual_.clear();
    expected_ = {""};
  }

  std::minstd_rand random_;
  message actual_;
  model expected_{""};
};

TEST(message_frames, are_what_was_done_to_them) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    pair_of_both both(seed);
    for (int i = 0; i < 500; ++i) {
      both.change();
      ASSERT_NO_FATAL_FAILURE(both.check()) << "after change " << i;
    }
  }
}

TEST(message_frames, may_be_many) {
  message many;
  model expected{""};
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(std::to_string(i));
    many.push_back(expected.back());
    expected.push_front(std::to_string(-i));
    many.push_front(expected.front());
  }
  expect_same(many, expected);
  const message copy = many;
  while (expected.size() > 1) {
    ASSERT_EQ(many.pop_front(), expected.front());
    expected.pop_front();
  }
  expect_same(many, expected);
  EXPECT_EQ(copy.size(), 10'001U);
}

TEST(message_frames, a_queue_of_frames_does_not_grow) {
  message queue = message::of({"0", "1", "2"});
  for (int i = 3; i < 10'000; ++i) {
    queue.push_back(std::to_string(i));
    ASSERT_EQ(queue.pop_front(), std::to_string(i - 3));
  }
  EXPECT_EQ(queue, message::of({"9997", "9998", "9999"}));
}

TEST(message_frames, frames_of_a_message_may_be_added_to_it_again) {
  message twice = message::of({"a", std::string(100, 'b')});
  for (int i = 0; i < 20; ++i) twice.push_back(twice.back()).push_front(twice.back());
  EXPECT_EQ(twice.size(), 42U);
  EXPECT_EQ(twice.front(), std::string(100, 'b'));
  EXPECT_EQ(twice.back(), std::string(100, 'b'));
  EXPECT_EQ(twice[20], "a");
}

TEST(message_frames, use_the_same_memory_again) {
  std::set<const bytes*> places;
  for (int i = 0; i < 100; ++i) places.insert(&message::of({"a", "b", "c"}).front());
  EXPECT_EQ(places.size(), 1U);
}

TEST(message_frames, go_from_thread_to_thread) {
  std::vector<message> made;
  for (int round = 0; round < 3; ++round) {
    std::thread([&made] {
      for (int i = 0; i < 500; ++i) {
        model frames{std::to_string(i)};
        for (int more = i % 40; more > 0; --more) frames.push_back(std::to_string(more));
        made.push_back(made_of(frames));
      }
    }).join();
    std::thread one([half = std::vector(made.begin(), made.begin() + 250)]() mutable { half.clear(); });
    std::thread other([half = std::vector(made.begin() + 250, made.end())]() mutable { half.clear(); });
    one.join();
    other.join();
    expect_same(made[41], {"41", "1"});
    made.clear();
  }
}

// What a thread keeps is given back at its end, before that of what was made earlier on it.
TEST(message_frames, may_end_after_what_their_thread_keeps) {
  std::thread([] {
    static thread_local message last;
    last = message("a");
    message::of({"a", "b"}).clear();
    last.push_back("b");
    EXPECT_EQ(last.size(), 2U);
  }).join();
}

}  // namespace
}  // namespace monocoque
