#include "io/timer_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace monocoque::io {
namespace {

using std::chrono::milliseconds;

struct alarm : timer {
  alarm(std::vector<int>& fired_so_far, int its_number) : fired(fired_so_far), number(its_number) {
    fire = [](timer& self) noexcept {
      auto& own = static_cast<alarm&>(self);
      own.fired.push_back(own.number);
      if (own.then) own.then();
    };
  }
  std::vector<int>& fired;
  int number;
  std::function<void()> then;
};

const time_point start_of_time{milliseconds{1000}};
time_point after(int ms) { return start_of_time + milliseconds{ms}; }

TEST(timer_heap, fires_in_the_order_of_time_and_equal_times_in_the_order_of_starting) {
  timer_heap timers;
  std::vector<int> fired;
  alarm a(fired, 1), b(fired, 2), c(fired, 3), d(fired, 4);
  timers.start(a, after(20));
  timers.start(b, after(10));
  timers.start(c, after(20));
  timers.start(d, after(30));
  EXPECT_EQ(timers.next(), after(10));
  EXPECT_EQ(timers.fire_due(after(20)), 3U);
  EXPECT_EQ(fired, (std::vector{2, 1, 3}));
  EXPECT_FALSE(a.armed());
  EXPECT_TRUE(d.armed());
  timers.stop(d);
  timers.stop(d);
  EXPECT_EQ(timers.next(), time_point::max());
}

TEST(timer_heap, starting_an_armed_timer_moves_it) {
  timer_heap timers;
  std::vector<int> fired;
  alarm a(fired, 1), b(fired, 2);
  timers.start(a, after(10));
  timers.start(b, after(20));
  timers.start(a, after(30));
  EXPECT_EQ(timers.fire_due(after(40)), 2U);
  EXPECT_EQ(fired, (std::vector{2, 1}));
}

TEST(timer_heap, timers_may_be_stopped_restarted_and_destroyed_while_firing) {
  timer_heap timers;
  std::vector<int> fired;
  auto a = std::make_unique<alarm>(fired, 1);
  auto b = std::make_unique<alarm>(fired, 2);
  auto c = std::make_unique<alarm>(fired, 3);
  timers.start(*a, after(1));
  timers.start(*b, after(2));
  timers.start(*c, after(3));
  a->then = [&] {
    timers.stop(*b);
    b.reset();
    timers.start(*c, after(10));
    a.reset();  // itself: not touched after `fire`
  };
  EXPECT_EQ(timers.fire_due(after(5)), 1U);
  EXPECT_EQ(timers.next(), after(10));
  timers.stop(*c);
}

TEST(timer_heap, a_timer_that_restarts_itself_at_once_fires_once_a_pass_and_starves_nobody) {
  timer_heap timers;
  std::vector<int> fired;
  alarm eager(fired, 1), patient(fired, 2);
  eager.then = [&] { timers.start(eager, after(5)); };
  timers.start(eager, after(5));
  timers.start(patient, after(5));
  EXPECT_EQ(timers.fire_due(after(5)), 2U);
  EXPECT_EQ(fired, (std::vector{1, 2}));
  EXPECT_EQ(timers.fire_due(after(5)), 1U);
  timers.stop(eager);
}

TEST(timer_heap, agrees_with_a_sorted_list_through_random_starts_and_stops) {
  timer_heap timers;
  std::vector<int> fired;
  std::mt19937 random(7);
  std::vector<std::unique_ptr<alarm>> all;
  for (int number = 0; number < 500; ++number) all.push_back(std::make_unique<alarm>(fired, number));
  for (int now = 0; now < 200; ++now) {
    for (int step = 0; step < 50; ++step) {
      alarm& one = *all[random() % all.size()];
      if (random() % 4 == 0) {
        timers.stop(one);
      } else {
        timers.start(one, after(now + static_cast<int>(random() % 50)));
      }
    }
    std::vector<int> due;
    for (const auto& one : all) {
      if (one->armed() && one->when <= after(now)) due.push_back(one->number);
    }
    fired.clear();
    timers.fire_due(after(now));
    EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end(), [&](int left, int right) {
      return all[static_cast<std::size_t>(left)]->when < all[static_cast<std::size_t>(right)]->when;
    }));
    std::sort(fired.begin(), fired.end());
    EXPECT_EQ(fired, due);
  }
}

TEST(timer_heap, of_many_timers_in_any_order_fires_each_in_its_turn) {
  timer_heap timers;
  std::vector<int> fired;
  std::mt19937 random(11);
  std::vector<int> times(10'000);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = static_cast<int>(i);
  std::ranges::shuffle(times, random);
  std::vector<std::unique_ptr<alarm>> all;
  for (const int time : times) {
    all.push_back(std::make_unique<alarm>(fired, time));
    timers.start(*all.back(), after(time));
  }
  EXPECT_EQ(timers.fire_due(after(static_cast<int>(times.size()))), times.size());
  EXPECT_TRUE(std::ranges::is_sorted(fired));
}

}  // namespace
}  // namespace monocoque::io
