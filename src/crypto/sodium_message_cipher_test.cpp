#include "crypto/message_cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <sodium.h>
#include <span>
#include <vector>

namespace monocoque::crypto {
namespace {

using octets = std::vector<std::byte>;

constexpr std::size_t scratch = message_cipher::scratch_size;
constexpr std::uint64_t last_number = std::numeric_limits<std::uint64_t>::max();

unsigned char* raw(octets& data) { return reinterpret_cast<unsigned char*>(data.data()); }
const unsigned char* raw(std::span<const std::byte> data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

octets random_octets(std::size_t size) {
  octets data(size);
  fill_random(data);
  return data;
}

/// One direction of a connection.
class cipher : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(is_available());
    fill_random(prefix);
    key.randomize();
  }

  message_cipher make() const { return {key, prefix}; }

  /// What libsodium makes of it: a tag, then the text.
  octets box_of_libsodium(const octets& text, std::uint64_t number) const {
    std::array<std::byte, nonce_size> whole{};
    std::ranges::copy(prefix, whole.begin());
    for (std::size_t i = 0; i < 8; ++i)
      whole[prefix.size() + i] = static_cast<std::byte>(number >> (56 - 8 * i));
    octets box(tag_size + text.size());
    EXPECT_EQ(crypto_box_easy_afternm(raw(box), raw(text), text.size(), raw(whole), key.bytes().raw()), 0);
    return box;
  }
  /// The cipher's, which has no text that is empty.
  octets box_of(const octets& text, std::uint64_t number) const {
    if (text.empty()) return box_of_libsodium(text, number);
    octets memory(scratch + text.size());
    octets box(tag_size);
    make().seal(memory.data() + scratch, text[0], std::span(text).subspan(1), number, box.data());
    box.insert(box.end(), memory.begin() + scratch, memory.end());
    return box;
  }

  std::array<std::byte, message_cipher::prefix_size> prefix{};
  box_key key;
};

/// A box where it can be opened: tag, scratch memory, text, and room around it.
struct opening {
  static constexpr std::size_t room = 100;

  explicit opening(const octets& box)
      : size(box.size() - tag_size),
        tag(box.begin(), box.begin() + tag_size),
        memory(2 * room + scratch + size) {
    std::fill(memory.begin(), memory.end(), std::byte{0x77});
    std::copy(box.begin() + tag_size, box.end(), text());
  }
  std::byte* text() { return memory.data() + room + scratch; }
  /// `offset`: of where the text is to go, from where the box is.
  bool open(const message_cipher& with, std::uint64_t number, std::ptrdiff_t offset = 0) {
    return with.open(text() + offset, text(), size, number, tag.data());
  }
  octets opened(std::ptrdiff_t offset = 0) { return {text() + offset, text() + offset + size}; }

  std::size_t size;
  octets tag;
  octets memory;
};

TEST_F(cipher, makes_the_boxes_of_libsodium_and_opens_them) {
  std::vector<std::size_t> sizes{1000, 1024, 4095, 4096, 4097, 8191, 65'536, 65'537, 1'000'003};
  for (std::size_t size = 0; size <= 600; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    const octets text = random_octets(size);
    const std::uint64_t number = size * 0x0101'0101'0101'0101U + 1;
    const octets expected = box_of_libsodium(text, number);
    ASSERT_EQ(box_of(text, number), expected) << size;
    opening box(expected);
    ASSERT_TRUE(box.open(make(), number)) << size;
    ASSERT_EQ(box.opened(), text) << size;
  }
}

TEST_F(cipher, counts_in_network_order_to_the_last_number) {
  const octets text = random_octets(20);
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0102'0304'0506'0708}, last_number})
    EXPECT_EQ(box_of(text, number), box_of_libsodium(text, number)) << number;
}

TEST_F(cipher, may_have_the_tag_in_the_scratch_memory_when_it_seals) {
  const octets text = random_octets(500);
  octets memory(scratch + text.size());
  make().seal(memory.data() + scratch, text[0], std::span(text).subspan(1), 7,
              memory.data() + scratch - tag_size);
  memory.erase(memory.begin(), memory.begin() + scratch - tag_size);
  EXPECT_EQ(memory, box_of_libsodium(text, 7));
}

TEST_F(cipher, opens_a_box_to_any_place) {
  for (const std::size_t size : {0U, 1U, 31U, 32U, 33U, 223U, 224U, 225U, 300U, 479U, 480U, 481U, 600U}) {
    const octets text = random_octets(size);
    const octets sealed = box_of_libsodium(text, 7);
    const auto room = static_cast<std::ptrdiff_t>(opening::room);
    for (std::ptrdiff_t offset = -room - static_cast<std::ptrdiff_t>(scratch); offset <= room; ++offset) {
      opening box(sealed);
      ASSERT_TRUE(box.open(make(), 7, offset)) << size << " " << offset;
      ASSERT_EQ(box.opened(offset), text) << size << " " << offset;
    }
  }
}

TEST_F(cipher, opens_a_box_to_memory_of_its_own) {
  for (const std::size_t size : {0U, 224U, 225U, 480U, 481U, 5000U}) {
    const octets text = random_octets(size);
    opening box(box_of(text, 7));
    octets into(size + 1);  // never nowhere
    ASSERT_TRUE(make().open(into.data(), box.text(), size, 7, box.tag.data()));
    into.pop_back();
    EXPECT_EQ(into, text);
  }
}

TEST_F(cipher, refuses_a_box_with_any_bit_altered) {
  for (const std::size_t size : {0U, 1U, 40U, 224U, 225U, 255U, 256U, 260U, 481U, 1030U}) {
    const octets sealed = box_of(random_octets(size), 7);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      octets altered = sealed;
      altered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      ASSERT_FALSE(opening(altered).open(make(), 7)) << size << " " << bit;
    }
    EXPECT_TRUE(opening(sealed).open(make(), 7));
  }
}

TEST_F(cipher, refuses_a_box_of_another_size) {
  for (const std::size_t size : {10U, 224U, 225U, 254U, 255U, 256U, 480U, 481U, 600U, 4096U}) {
    const octets sealed = box_of(random_octets(size), 7);
    octets shorter(sealed.begin(), sealed.end() - 1);
    EXPECT_FALSE(opening(shorter).open(make(), 7)) << size;
    octets longer = sealed;
    longer.push_back({});
    EXPECT_FALSE(opening(longer).open(make(), 7)) << size;
  }
}

TEST_F(cipher, refuses_a_box_with_another_number_prefix_or_key) {
  for (const std::size_t size : {10U, 1000U}) {
    const octets sealed = box_of(random_octets(size), 7);
    for (const std::uint64_t number :
         {std::uint64_t{6}, std::uint64_t{8}, std::uint64_t{7} << 56U, last_number})
      EXPECT_FALSE(opening(sealed).open(make(), number)) << number;
    for (std::byte& each : prefix) {
      each ^= std::byte{1};
      EXPECT_FALSE(opening(sealed).open(make(), 7));
      each ^= std::byte{1};
    }
    const box_key ours = key;
    key.randomize();
    EXPECT_FALSE(opening(sealed).open(make(), 7));
    key = ours;
    EXPECT_TRUE(opening(sealed).open(make(), 7));
  }
}

TEST_F(cipher, leaves_alone_what_a_refused_box_was_to_go_to) {
  for (const std::size_t size : {1U, 40U, 224U, 225U, 255U, 256U, 480U, 481U, 600U, 5000U}) {
    octets sealed = box_of(random_octets(size), 7);
    sealed.back() ^= std::byte{1};
    opening box(sealed);
    octets into(size, std::byte{0x77});
    EXPECT_FALSE(make().open(into.data(), box.text(), size, 7, box.tag.data()));
    EXPECT_EQ(into, octets(size, std::byte{0x77})) << size;
    EXPECT_FALSE(box.open(make(), 7));
    EXPECT_EQ(box.opened(), octets(sealed.begin() + tag_size, sealed.end())) << "where it lies, too";
  }
}

TEST_F(cipher, writes_nowhere_but_where_it_says) {
  for (const std::size_t size : {0U, 40U, 224U, 225U, 255U, 256U, 480U, 481U, 600U, 5000U}) {
    const octets sealed = box_of(random_octets(size), 7);
    opening box(sealed);
    ASSERT_TRUE(box.open(make(), 7));
    const auto is_untouched = [](std::byte each) { return each == std::byte{0x77}; };
    EXPECT_TRUE(std::all_of(box.memory.begin(), box.memory.begin() + opening::room, is_untouched)) << size;
    EXPECT_TRUE(std::all_of(box.memory.end() - opening::room, box.memory.end(), is_untouched)) << size;
  }
}

}  // namespace
}  // namespace monocoque::crypto
