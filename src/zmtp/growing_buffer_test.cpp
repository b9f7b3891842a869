#include "zmtp/growing_buffer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace monocoque::zmtp {
namespace {

void add(growing_buffer& buffer, std::string_view text, std::uint64_t expected = UINT64_MAX) {
  buffer.append({reinterpret_cast<const std::byte*>(text.data()), text.size()}, expected);
}

TEST(growing_buffer, gives_back_what_was_put_in) {
  growing_buffer buffer;
  EXPECT_TRUE(buffer.take().empty());
  for (const std::size_t size : {1U, 71U, 72U, 300U, 100000U}) {
    std::string expected;
    while (expected.size() < size) {
      const std::string piece(std::min<std::size_t>(13, size - expected.size()),
                              static_cast<char>(expected.size()));
      add(buffer, piece, size - expected.size());
      expected += piece;
    }
    EXPECT_EQ(buffer.take().view(), expected);
    EXPECT_TRUE(buffer.empty());
  }
}

TEST(growing_buffer, believes_no_announcement) {
  growing_buffer buffer;
  add(buffer, std::string(1000, 'x'), std::uint64_t{1} << 60);
  EXPECT_LE(buffer.room(std::uint64_t{1} << 60).size(), 2000U);
}

TEST(growing_buffer, gives_no_room_beyond_what_is_expected) {
  growing_buffer buffer;
  add(buffer, std::string(1000, 'x'), 1010);
  const auto room = buffer.room(10);
  ASSERT_EQ(room.size(), 10U);
  std::memset(room.data(), 'y', room.size());
  buffer.commit(10);
  EXPECT_EQ(buffer.take().view(), std::string(1000, 'x') + std::string(10, 'y'));
}

}  // namespace
}  // namespace monocoque::zmtp
