#include "io/spin_budget.hpp"

#include <gtest/gtest.h>

namespace monocoque::io {
namespace {

using namespace std::chrono_literals;

void wait_shortly(spin_budget& budget, int times) {
  for (int i = 0; i < times; ++i) {
    (void)budget.next();
    budget.slept(20us);
  }
}

TEST(spin_budget, does_not_spin_at_first_nor_after_a_long_wait) {
  spin_budget budget;
  EXPECT_EQ(budget.next(), 0ns);
  wait_shortly(budget, 10);
  EXPECT_GT(budget.next(), 0ns);
  budget.slept(10ms);
  EXPECT_EQ(budget.next(), 0ns);
}

TEST(spin_budget, spins_after_short_waits_and_goes_on_while_that_helps) {
  spin_budget budget;
  wait_shortly(budget, 3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(budget.next(), spin_budget::longest);
    budget.spun(true);
  }
}

TEST(spin_budget, gives_up_for_twice_as_long_after_each_spin_in_vain) {
  spin_budget budget;
  int last_pause = 0;
  for (int round = 0; round < 8; ++round) {
    int pause = 0;
    while (budget.next() == 0ns) {
      budget.slept(20us);
      ++pause;
      ASSERT_LT(pause, 10'000);
    }
    budget.spun(false);
    budget.slept(20us);
    if (round > 1) {
      EXPECT_GT(pause, last_pause);
    }
    last_pause = pause;
  }
}

TEST(spin_budget, does_as_it_is_told) {
  spin_budget never(0ns);
  wait_shortly(never, 100);
  EXPECT_EQ(never.next(), 0ns);
  spin_budget always(5us);
  EXPECT_EQ(always.next(), 5us);
  always.spun(false);
  EXPECT_EQ(always.next(), 5us);
}

}  // namespace
}  // namespace monocoque::io
