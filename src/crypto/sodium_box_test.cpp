#include "crypto/box.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sodium.h>
#include <span>
#include <vector>

namespace monocoque::crypto {
namespace {

using octets = std::vector<std::byte>;

const unsigned char* raw(std::span<const std::byte> data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

octets random_octets(std::size_t size) {
  octets data(size);
  fill_random(data);
  return data;
}

nonce random_nonce() {
  nonce made{};
  fill_random(made);
  return made;
}

octets seal(const box_key& key, std::span<const std::byte> text, const nonce& number) {
  octets box(text.size() + tag_size);
  key.seal(box, text, number);
  return box;
}

std::optional<octets> open(const box_key& key, std::span<const std::byte> box, const nonce& number) {
  octets text(box.size() < tag_size ? 0 : box.size() - tag_size);
  return key.open(text, box, number) ? std::optional(text) : std::nullopt;
}

/// Two who have never met, and what they agree on.
class box : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(is_available());
    ASSERT_TRUE(ours_key.agree(theirs.public_key, ours.secret_key));
    ASSERT_TRUE(theirs_key.agree(ours.public_key, theirs.secret_key));
  }

  curve_keypair ours = curve_keypair::generate();
  curve_keypair theirs = curve_keypair::generate();
  box_key ours_key;
  box_key theirs_key;
  nonce number = random_nonce();
};

TEST_F(box, is_that_of_libsodium) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 31U, 32U, 33U, 63U, 64U, 65U, 1000U, 100'000U}) {
    const octets text = random_octets(size);
    octets expected(size + tag_size);
    ASSERT_EQ(crypto_box_easy(reinterpret_cast<unsigned char*>(expected.data()), raw(text), size, raw(number),
                              raw(theirs.public_key.data()), raw(ours.secret_key.data())),
              0);
    EXPECT_EQ(seal(ours_key, text, number), expected) << size;
    EXPECT_EQ(open(theirs_key, expected, number), text) << size;
  }
}

TEST_F(box, is_agreed_on_by_both) {
  EXPECT_TRUE(same(ours_key.bytes().span(), theirs_key.bytes().span()));
  box_key other;
  ASSERT_TRUE(other.agree(curve_keypair::generate().public_key, ours.secret_key));
  EXPECT_FALSE(same(ours_key.bytes().span(), other.bytes().span()));
}

TEST_F(box, that_is_altered_is_refused) {
  const octets text = random_octets(40);
  const octets sealed = seal(ours_key, text, number);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    octets altered = sealed;
    altered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_FALSE(open(theirs_key, altered, number)) << bit;
  }
  EXPECT_TRUE(open(theirs_key, sealed, number));
}

TEST_F(box, that_is_cut_or_longer_is_refused) {
  const octets sealed = seal(ours_key, random_octets(8), number);
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(open(theirs_key, std::span(sealed).first(size), number)) << size;
  octets longer = sealed;
  longer.push_back({});
  EXPECT_FALSE(open(theirs_key, longer, number));
}

TEST_F(box, is_refused_with_another_number_or_key) {
  const octets sealed = seal(ours_key, random_octets(40), number);
  for (std::size_t octet = 0; octet < nonce_size; ++octet) {
    nonce other = number;
    other[octet] ^= std::byte{1};
    EXPECT_FALSE(open(theirs_key, sealed, other)) << octet;
  }
  box_key stranger;
  stranger.randomize();
  EXPECT_FALSE(open(stranger, sealed, number));
}

TEST_F(box, that_is_refused_tells_nothing_of_its_text) {
  const octets text(40, std::byte{0x5a});
  octets sealed = seal(ours_key, text, number);
  sealed[0] ^= std::byte{1};
  const octets before(text.size(), std::byte{0x77});
  octets into = before;
  EXPECT_FALSE(theirs_key.open(into, sealed, number));
  EXPECT_TRUE(into == before || into == octets(text.size()));
}

TEST_F(box, has_no_key_with_what_nobody_can_own) {
  std::array<std::byte, 32> point{};
  EXPECT_FALSE(ours_key.agree(curve_public_key(point), ours.secret_key)) << "0";
  point[0] = std::byte{1};
  EXPECT_FALSE(ours_key.agree(curve_public_key(point), ours.secret_key)) << "1, of order 1";
  const std::array<std::uint8_t, 32> of_order_8{
      0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
      0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
  EXPECT_FALSE(ours_key.agree(curve_public_key(std::as_bytes(std::span(of_order_8))), ours.secret_key));
}

TEST_F(box, has_a_random_key_of_its_own) {
  box_key one;
  box_key other;
  one.randomize();
  other.randomize();
  EXPECT_FALSE(same(one.bytes().span(), other.bytes().span()));
  const octets text = random_octets(8);
  EXPECT_EQ(open(one, seal(one, text, number), number), text);
  one.wipe();
  EXPECT_TRUE(std::ranges::all_of(one.bytes().span(), [](std::byte each) { return each == std::byte{}; }));
}

}  // namespace
}  // namespace monocoque::crypto
