#include "base/wire.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace monocoque::base::wire {
namespace {

std::vector<std::byte> encoded(std::initializer_list<std::size_t> sizes) {
  std::vector<std::byte> out;
  std::size_t left = sizes.size();
  for (const std::size_t size : sizes) {
    std::array<std::byte, max_header_size> header{};
    const std::size_t length = put_header(header.data(), size, --left > 0 ? flag_more : 0);
    out.insert(out.end(), header.begin(), header.begin() + static_cast<std::ptrdiff_t>(length));
    out.insert(out.end(), size, static_cast<std::byte>(size));
  }
  return out;
}

TEST(wire, numbers_are_in_network_order) {
  std::array<std::byte, 8> out{};
  store_u64(out.data(), 0x0102030405060708);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(out[i], static_cast<std::byte>(i + 1));
  EXPECT_EQ(load_u64(out.data()), 0x0102030405060708U);
}

TEST(wire, headers_are_short_up_to_255_bytes) {
  std::array<std::byte, max_header_size> out{};
  for (const std::size_t size : {0U, 1U, 254U, 255U}) {
    EXPECT_EQ(header_size(size), 2U);
    EXPECT_EQ(put_header(out.data(), size, flag_more), 2U);
    EXPECT_EQ(out[0], std::byte{flag_more});
    EXPECT_EQ(out[1], static_cast<std::byte>(size));
  }
  for (const std::size_t size : {std::size_t{256}, std::size_t{1} << 40}) {
    EXPECT_EQ(header_size(size), 9U);
    EXPECT_EQ(put_header(out.data(), size, flag_more), 9U);
    EXPECT_EQ(out[0], std::byte{flag_more | flag_long});
    EXPECT_EQ(load_u64(out.data() + 1), size);
  }
}

TEST(wire, frames_come_back_one_by_one) {
  const std::vector<std::byte> two = encoded({3, 256});
  std::span<const std::byte> in = two;
  const frame first = next_frame(in);
  EXPECT_EQ(first.payload.size(), 3U);
  EXPECT_TRUE(first.more);
  EXPECT_FALSE(first.command);
  const frame second = next_frame(in);
  EXPECT_EQ(second.payload.size(), 256U);
  EXPECT_EQ(second.payload.data(), two.data() + 5 + 9);
  EXPECT_FALSE(second.more);
  EXPECT_TRUE(in.empty());
}

TEST(wire, commands_are_marked) {
  const std::array ping{std::byte{flag_command}, std::byte{1}, std::byte{'x'}};
  std::span<const std::byte> in = ping;
  EXPECT_TRUE(next_frame(in).command);
}

TEST(wire, message_size_ends_with_the_last_frame) {
  std::vector<std::byte> all = encoded({0, 255, 256});
  const std::size_t first = all.size();
  const std::vector<std::byte> next = encoded({7});
  all.insert(all.end(), next.begin(), next.end());
  EXPECT_EQ(message_size(all), first);
  EXPECT_EQ(message_size(std::span(all).subspan(first)), 9U);
}

}  // namespace
}  // namespace monocoque::base::wire
