#include "io/permits.hpp"

#include <gtest/gtest.h>

namespace monocoque::io {
namespace {

TEST(permits, are_exhausted_at_their_capacity_and_resume_at_half) {
  permits bytes(100);
  EXPECT_FALSE(bytes.exhausted());
  bytes.acquire(99);
  EXPECT_FALSE(bytes.exhausted());
  bytes.acquire(1);
  EXPECT_TRUE(bytes.exhausted());
  bytes.release(49);
  EXPECT_FALSE(bytes.half_free());
  bytes.release(1);
  EXPECT_TRUE(bytes.half_free());
  EXPECT_EQ(bytes.held(), 50U);
}

TEST(permits, one_item_larger_than_all_of_them_passes) {
  permits bytes(10);
  bytes.acquire(1000);
  EXPECT_TRUE(bytes.exhausted());
  bytes.release(1000);
  EXPECT_TRUE(bytes.half_free());
  EXPECT_EQ(bytes.held(), 0U);
}

}  // namespace
}  // namespace monocoque::io
