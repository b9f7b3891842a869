#include "crypto/message_cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace monocoque::crypto {
namespace {

constexpr std::array<std::byte, message_cipher::prefix_size> prefix{std::byte{'C'}, std::byte{'u'}};
constexpr std::size_t scratch = message_cipher::scratch_size;
/// Ends of blocks of the key stream, and of eight of them, with what is around.
const std::vector<std::size_t> sizes{0,   1,   16,  31,  32,  33,   63,   64,   65,   95,   96,   97,    223,
                                     224, 225, 256, 287, 288, 289,  479,  480,  481,  511,  512,  513,   543,
                                     544, 545, 991, 992, 993, 1023, 1024, 1025, 4095, 4096, 4097, 65'536};

box_key some_key() {
  EXPECT_TRUE(is_available());
  box_key key;
  key.randomize();
  return key;
}

std::vector<std::byte> text_of(std::size_t size) {
  std::vector<std::byte> text(size);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<std::byte>(i * 7 + (i >> 8U));
  return text;
}

nonce nonce_of(std::uint64_t number) {
  nonce made{};
  std::ranges::copy(prefix, made.begin());
  for (std::size_t i = made.size(); i-- > prefix.size(); number >>= 8U)
    made[i] = static_cast<std::byte>(number);
  return made;
}

/// Tag and text, as box_key makes them.
std::vector<std::byte> box_of(const box_key& key, const std::vector<std::byte>& text, std::uint64_t number) {
  std::vector<std::byte> box(tag_size + text.size());
  key.seal(box, text, nonce_of(number));
  return box;
}

/// Opens a box whose text lies in the middle of memory, to `offset` bytes from there.
std::optional<std::vector<std::byte>> opened(const message_cipher& cipher, const std::vector<std::byte>& box,
                                             std::uint64_t number, std::ptrdiff_t offset) {
  const std::size_t size = box.size() - tag_size;
  constexpr std::size_t room = 200;
  std::vector<std::byte> memory(2 * room + size, std::byte{0xEE});
  std::byte* const text = memory.data() + room;
  std::copy(box.begin() + tag_size, box.end(), text);
  std::byte* const into = text + offset;
  if (!cipher.open(into, text, size, number, box.data())) return std::nullopt;
  return std::vector<std::byte>(into, into + size);
}

TEST(message_cipher, makes_the_boxes_that_box_key_makes) {
  const box_key key = some_key();
  const message_cipher cipher(key, prefix);
  for (const std::size_t size : sizes) {
    const auto text = text_of(size);
    std::vector<std::byte> memory(scratch + size);
    std::ranges::copy(text, memory.begin() + scratch);
    std::vector<std::byte> made(tag_size);
    cipher.seal(memory.data() + scratch, size, size + 5, made.data());
    made.insert(made.end(), memory.begin() + scratch, memory.end());
    EXPECT_EQ(made, box_of(key, text, size + 5)) << size;
  }
}

TEST(message_cipher, opens_boxes_to_where_they_lie_and_around) {
  const box_key key = some_key();
  const message_cipher cipher(key, prefix);
  for (const std::size_t size : sizes) {
    const auto text = text_of(size);
    const auto box = box_of(key, text, 0xFFFF'FFFF'0000'0001U);
    for (const std::ptrdiff_t offset : {0, -1, -32, -33, -200, 1, 40, 200}) {
      EXPECT_EQ(opened(cipher, box, 0xFFFF'FFFF'0000'0001U, offset), text) << size << " bytes to " << offset;
    }
  }
}

TEST(message_cipher, opens_no_box_that_was_changed_or_has_another_number) {
  const box_key key = some_key();
  const message_cipher cipher(key, prefix);
  for (const std::size_t size : sizes) {
    const auto box = box_of(key, text_of(size), 1);
    EXPECT_EQ(opened(cipher, box, 2, 0), std::nullopt) << size;
    for (const std::size_t at :
         {std::size_t{0}, tag_size - 1, tag_size, tag_size + size / 2, box.size() - 1}) {
      if (at >= box.size()) continue;
      auto changed = box;
      changed[at] ^= std::byte{0x10};
      EXPECT_EQ(opened(cipher, changed, 1, 0), std::nullopt) << size << " bytes, byte " << at;
    }
  }
}

TEST(message_cipher, writes_nothing_if_the_box_is_not_genuine) {
  const box_key key = some_key();
  const message_cipher cipher(key, prefix);
  for (const std::size_t size : sizes) {
    auto box = box_of(key, text_of(size), 1);
    box[0] ^= std::byte{1};
    std::vector<std::byte> memory(scratch + size);
    std::copy(box.begin() + tag_size, box.end(), memory.begin() + scratch);
    std::vector<std::byte> into(size, std::byte{0xAB});
    EXPECT_FALSE(cipher.open(into.data(), memory.data() + scratch, size, 1, box.data()));
    EXPECT_EQ(into, std::vector<std::byte>(size, std::byte{0xAB})) << size;
  }
}

}  // namespace
}  // namespace monocoque::crypto
