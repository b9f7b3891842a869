#include "io/permits.hpp"

#include <gtest/gtest.h>

namespace monocoque::io {
namespace {

TEST(permits, hold_up_to_the_capacity) {
  permits bytes(100);
  EXPECT_TRUE(bytes.try_acquire(60));
  EXPECT_TRUE(bytes.try_acquire(40));
  EXPECT_FALSE(bytes.try_acquire(1));
  EXPECT_EQ(bytes.held(), 100U);
  EXPECT_TRUE(bytes.exhausted());
}

TEST(permits, release_tells_once_that_a_refused_request_fits) {
  permits bytes(100);
  EXPECT_TRUE(bytes.try_acquire(100));
  EXPECT_FALSE(bytes.release(10)) << "nobody was refused";
  EXPECT_FALSE(bytes.try_acquire(50));
  EXPECT_FALSE(bytes.release(30)) << "40 free, 50 wanted";
  EXPECT_TRUE(bytes.release(10));
  EXPECT_FALSE(bytes.release(50));
  EXPECT_EQ(bytes.held(), 0U);
}

TEST(permits, an_oversize_request_passes_when_nothing_is_held) {
  permits bytes(100);
  EXPECT_TRUE(bytes.try_acquire(1));
  EXPECT_FALSE(bytes.try_acquire(1000));
  EXPECT_TRUE(bytes.release(1));
  EXPECT_TRUE(bytes.try_acquire(1000));
  EXPECT_FALSE(bytes.try_acquire(0)) << "over the capacity, so nothing else gets in";
  EXPECT_FALSE(bytes.release(899)) << "101 held";
  EXPECT_TRUE(bytes.release(1));
}

TEST(permits, sizes_near_the_end_of_the_range_do_not_wrap_around) {
  permits bytes(SIZE_MAX);
  EXPECT_TRUE(bytes.try_acquire(SIZE_MAX - 1));
  EXPECT_FALSE(bytes.try_acquire(2));
  EXPECT_TRUE(bytes.try_acquire(1));
}

TEST(permits, a_capacity_of_zero_lets_one_request_pass_at_a_time) {
  permits bytes(0);
  EXPECT_TRUE(bytes.try_acquire(5));
  EXPECT_FALSE(bytes.try_acquire(5));
  EXPECT_TRUE(bytes.release(5));
}

}  // namespace
}  // namespace monocoque::io
