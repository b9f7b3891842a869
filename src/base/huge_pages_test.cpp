#include "base/huge_pages.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <numeric>
#include <vector>

namespace monocoque::base {
namespace {

template <class T>
using table = std::vector<T, huge_page_allocator<T>>;

TEST(huge_pages, are_begun_with_a_cache_line_by_small_tables_and_with_a_page_by_large_ones) {
  const table<std::uint64_t> small(100);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(small.data()) % 64, 0U);
  const table<std::uint64_t> large(huge_page_size / sizeof(std::uint64_t));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.data()) % huge_page_size, 0U);
}

TEST(huge_pages, keep_a_tables_content_while_it_grows_into_them) {
  table<std::uint32_t> grown;
  const std::size_t count = 3 * huge_page_size / sizeof(std::uint32_t) + 7;
  for (std::uint32_t i = 0; i < count; ++i) grown.push_back(i);
  for (std::uint32_t i = 0; i < count; ++i) ASSERT_EQ(grown[i], i);
}

TEST(huge_pages, are_refused_when_there_cannot_be_so_many) {
  huge_page_allocator<std::uint64_t> memory;
  EXPECT_THROW(static_cast<void>(memory.allocate(SIZE_MAX / 4)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(take_huge_pages(SIZE_MAX - 10)), std::bad_alloc);
}

}  // namespace
}  // namespace monocoque::base
