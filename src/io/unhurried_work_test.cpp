#include "io/unhurried_work.hpp"

#include <gtest/gtest.h>

namespace monocoque::io {
namespace {

using clock = std::chrono::steady_clock;

struct watched {
  unhurried_work waiting;
  work item;
  clock::time_point now{std::chrono::hours(1)};

  bool look() {
    now += unhurried_work::interval;
    return waiting.look(now);
  }
};

TEST(unhurried_work, is_due_once_its_posters_make_no_progress) {
  watched rest;
  EXPECT_FALSE(rest.look());
  EXPECT_TRUE(rest.waiting.push(rest.item)) << "nobody is on watch: somebody has to be woken";
  rest.waiting.note_progress();
  EXPECT_FALSE(rest.look());
  EXPECT_TRUE(rest.waiting.on_watch());
  rest.waiting.note_progress();
  EXPECT_FALSE(rest.look());
  EXPECT_TRUE(rest.look());
}

/// It may be of a connection on which nothing is sent any more while others go on and on.
TEST(unhurried_work, does_not_wait_for_ever_while_others_make_progress) {
  watched rest;
  static_cast<void>(rest.waiting.push(rest.item));
  int looks = 0;
  do {
    rest.waiting.note_progress();
    ++looks;
  } while (!rest.look() && looks < 1000);
  EXPECT_EQ(looks, 10);
}

TEST(unhurried_work, ends_the_watch_when_nothing_happens_for_long) {
  watched rest;
  static_cast<void>(rest.waiting.push(rest.item));
  static_cast<void>(rest.look());
  static_cast<void>(rest.waiting.take_all());
  int looks = 0;
  while (rest.waiting.on_watch() && looks < 1000) {
    EXPECT_FALSE(rest.look());
    ++looks;
  }
  EXPECT_EQ(looks, 10);
}

/// A guest that went to sleep in the loop while the watch was said to be on left what was pushed then lying.
TEST(unhurried_work, wakes_whoever_sleeps_once_nobody_is_on_watch) {
  watched rest;
  static_cast<void>(rest.waiting.push(rest.item));
  static_cast<void>(rest.look());
  static_cast<void>(rest.waiting.take_all());
  ASSERT_TRUE(rest.waiting.on_watch());
  rest.waiting.go_off_watch();
  EXPECT_TRUE(rest.waiting.push(rest.item));
}

}  // namespace
}  // namespace monocoque::io
