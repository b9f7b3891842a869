#include "io/thread_settings.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <pthread.h>
#include <sched.h>
#include <system_error>
#include <thread>

namespace monocoque::io {
namespace {

/// What comes of it on a thread of its own, which then looks at itself.
result<void> apply(const thread_settings& settings, const std::function<void()>& look = [] {}) {
  result<void> outcome;
  std::thread([&] {
    outcome = apply_to_this_thread(settings);
    look();
  }).join();
  return outcome;
}

TEST(thread_settings, that_say_nothing_change_nothing) { EXPECT_TRUE(apply({})); }

TEST(thread_settings, name_the_thread_in_15_characters) {
  EXPECT_TRUE(apply({.name = "a name of some length"}, [] {
    std::array<char, longest_thread_name + 1> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    EXPECT_STREQ(name.data(), "a name of some ");
  }));
}

TEST(thread_settings, choose_processors) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  unsigned last = 0;
  for (unsigned each = 0; each < CPU_SETSIZE; ++each) {
    if (CPU_ISSET(each, &allowed)) last = each;
  }
  EXPECT_TRUE(apply({.processors = {last}}, [last] {
    cpu_set_t now;
    ASSERT_EQ(sched_getaffinity(0, sizeof now, &now), 0);
    EXPECT_EQ(CPU_COUNT(&now), 1);
    EXPECT_TRUE(CPU_ISSET(last, &now));
  }));
}

TEST(thread_settings, of_processors_that_are_not_there_are_refused) {
  for (const unsigned none : {unsigned{CPU_SETSIZE} - 1, unsigned{CPU_SETSIZE}, ~0U}) {
    const result<void> refused = apply({.processors = {none}});
    ASSERT_FALSE(refused) << none;
    EXPECT_EQ(refused.error().code(), std::errc::invalid_argument);
    EXPECT_EQ(refused.error().detail(), "thread_processors");
  }
}

TEST(thread_settings, choose_a_policy) {
  EXPECT_TRUE(apply({.policy = SCHED_BATCH}, [] { EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH); }));
  EXPECT_TRUE(
      apply({.policy = SCHED_OTHER, .priority = 0}, [] { EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER); }));
}

TEST(thread_settings, of_a_policy_or_priority_that_is_none_are_refused) {
  EXPECT_FALSE(apply({.policy = 4711}));
  const result<void> refused = apply({.policy = SCHED_FIFO, .priority = 100});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail(), "thread_policy and thread_priority");
}

}  // namespace
}  // namespace monocoque::io
