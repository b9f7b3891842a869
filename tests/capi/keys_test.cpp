#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

using octets = std::vector<std::uint8_t>;

constexpr char untouched = 0x55;
constexpr std::size_t key_room = 41;

/// What it writes, or "(none)"; checks what it answers, and that it writes no more.
std::string encode(const octets& data) {
  std::string room(data.size() / 4 * 5 + 2, untouched);
  errno = 0;
  char* const answer = zmq_z85_encode(room.data(), data.data(), data.size());
  EXPECT_EQ(room.back(), untouched);
  if (answer == nullptr) {
    EXPECT_EQ(zmq_errno(), EINVAL);
    EXPECT_EQ(room, std::string(room.size(), untouched));
    return "(none)";
  }
  EXPECT_EQ(answer, room.data());
  EXPECT_EQ(room[room.size() - 2], '\0');
  return room.c_str();
}

/// True if it decodes to `expected`.
bool decodes(const std::string& text, const octets& expected) {
  octets room(expected.size() + 1, untouched);
  const bool same = zmq_z85_decode(room.data(), text.c_str()) == room.data() &&
                    std::ranges::equal(expected, std::span(room).first(expected.size()));
  EXPECT_EQ(room.back(), untouched) << text;
  return same;
}

/// True if it is refused in the right way.
bool is_refused(const std::string& text) {
  octets room(text.size() + 1);
  errno = 0;
  return zmq_z85_decode(room.data(), text.c_str()) == nullptr && zmq_errno() == EINVAL;
}

TEST(z85, is_that_of_the_specification) {
  const octets data{0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};
  EXPECT_EQ(encode(data), "HelloWorld");
  EXPECT_TRUE(decodes("HelloWorld", data));
}

TEST(z85, goes_from_the_least_to_the_most) {
  EXPECT_EQ(encode({0, 0, 0, 0}), "00000");
  EXPECT_EQ(encode({0xff, 0xff, 0xff, 0xff}), "%nSc0");
  EXPECT_TRUE(decodes("00000", {0, 0, 0, 0}));
  EXPECT_TRUE(decodes("%nSc0", {0xff, 0xff, 0xff, 0xff}));
  EXPECT_TRUE(is_refused("%nSc1"));
  EXPECT_TRUE(is_refused("#####"));
  EXPECT_TRUE(is_refused("HelloWorld%nSc1"));
}

TEST(z85, comes_back_as_it_was) {
  std::mt19937 random(1);
  for (std::size_t size = 4; size <= 256; size += 4) {
    octets data(size);
    std::ranges::generate(data, [&] { return static_cast<std::uint8_t>(random()); });
    EXPECT_TRUE(decodes(encode(data), data)) << size;
  }
}

TEST(z85, encodes_multiples_of_4_octets_only) {
  for (const std::size_t size : {1U, 2U, 3U, 5U, 6U, 7U, 31U, 33U})
    EXPECT_EQ(encode(octets(size)), "(none)") << size;
  EXPECT_EQ(encode({}), "");
}

TEST(z85, decodes_multiples_of_5_characters_only) {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 6U, 9U, 11U, 39U, 41U})
    EXPECT_TRUE(is_refused(std::string(size, '0'))) << size;
}

TEST(z85, has_85_characters) {
  const std::string digits =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  for (int c = 1; c < 256; ++c) {
    const auto digit = digits.find(static_cast<char>(c));
    for (std::size_t place = 0; place < 5; ++place) {
      std::string text = "00000";
      text[place] = static_cast<char>(c);
      if (digit == std::string::npos) {
        EXPECT_TRUE(is_refused(text)) << c << " at " << place;
      } else if (place == 4) {
        EXPECT_TRUE(decodes(text, {0, 0, 0, static_cast<std::uint8_t>(digit)})) << c;
      }
    }
  }
}

TEST(z85, refuses_what_is_no_memory) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would crash";
  std::array<char, 8> text{};
  std::array<std::uint8_t, 8> data{};
  EXPECT_EQ(zmq_z85_encode(nullptr, data.data(), 4), nullptr);
  EXPECT_EQ(zmq_errno(), EFAULT);
  EXPECT_EQ(zmq_z85_encode(text.data(), nullptr, 4), nullptr);
  EXPECT_EQ(zmq_z85_decode(nullptr, "00000"), nullptr);
  EXPECT_EQ(zmq_z85_decode(data.data(), nullptr), nullptr);
  EXPECT_EQ(zmq_z85_encode(text.data(), nullptr, 0), text.data());
}

class curve_test : public testing::Test {
 protected:
  using key = std::array<char, key_room + 1>;

  void SetUp() override {
    public_key_.fill(untouched);
    secret_key_.fill(untouched);
    if (zmq_has("curve") == 1) return;
    EXPECT_EQ(zmq_curve_keypair(public_key_.data(), secret_key_.data()), -1);
    EXPECT_EQ(zmq_errno(), ENOTSUP);
    EXPECT_EQ(zmq_curve_public(public_key_.data(), std::string(40, '0').c_str()), -1);
    EXPECT_EQ(zmq_errno(), ENOTSUP);
    GTEST_SKIP() << "without CURVE";
  }

  /// 0, or the error number.
  int derive(const char* secret_key) {
    errno = 0;
    const int answer = zmq_curve_public(public_key_.data(), secret_key);
    EXPECT_EQ(public_key_.back(), untouched);
    EXPECT_EQ(answer, errno == 0 ? 0 : -1);
    return errno;
  }

  key public_key_{};
  key secret_key_{};
};

TEST_F(curve_test, makes_pairs_of_keys_in_z85) {
  ASSERT_EQ(zmq_curve_keypair(public_key_.data(), secret_key_.data()), 0);
  for (const key& made : {public_key_, secret_key_}) {
    EXPECT_EQ(std::strlen(made.data()), 40U);
    EXPECT_EQ(made.back(), untouched);
    std::array<std::uint8_t, 32> data{};
    EXPECT_NE(zmq_z85_decode(data.data(), made.data()), nullptr);
  }
  EXPECT_STRNE(public_key_.data(), secret_key_.data());
}

TEST_F(curve_test, makes_another_pair_each_time) {
  key other_public{};
  key other_secret{};
  ASSERT_EQ(zmq_curve_keypair(public_key_.data(), secret_key_.data()), 0);
  ASSERT_EQ(zmq_curve_keypair(other_public.data(), other_secret.data()), 0);
  EXPECT_STRNE(public_key_.data(), other_public.data());
  EXPECT_STRNE(secret_key_.data(), other_secret.data());
}

TEST_F(curve_test, derives_the_public_key_of_a_secret_one) {
  key made{};
  ASSERT_EQ(zmq_curve_keypair(made.data(), secret_key_.data()), 0);
  EXPECT_EQ(derive(secret_key_.data()), 0);
  EXPECT_STREQ(public_key_.data(), made.data());
}

TEST_F(curve_test, derives_what_others_derive) {
  // Alice's keys in RFC 7748, section 6.1.
  const octets secret{0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
                      0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
                      0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
  const octets expected{0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
                        0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
                        0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};
  EXPECT_EQ(derive(encode(secret).c_str()), 0);
  EXPECT_EQ(public_key_.data(), encode(expected));
}

TEST_F(curve_test, refuses_what_is_no_key) {
  for (const char* text :
       {"", "abc", "000000000000000000000000000000000000000", "000000000000000000000000000000000000000 "}) {
    EXPECT_EQ(derive(text), EINVAL) << text;
    EXPECT_EQ(public_key_.front(), untouched);
  }
  if (is_debians_libzmq()) return;  // takes what it finds beside it, or writes there
  EXPECT_EQ(derive(std::string(35, '0').c_str()), EINVAL);
  EXPECT_EQ(derive(std::string(45, '0').c_str()), EINVAL);
}

TEST_F(curve_test, refuses_what_is_no_memory) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would crash";
  const std::string secret(40, '0');
  EXPECT_EQ(zmq_curve_keypair(nullptr, secret_key_.data()), -1);
  EXPECT_EQ(zmq_errno(), EFAULT);
  EXPECT_EQ(zmq_curve_keypair(public_key_.data(), nullptr), -1);
  EXPECT_EQ(zmq_curve_public(nullptr, secret.c_str()), -1);
  EXPECT_EQ(zmq_curve_public(public_key_.data(), nullptr), -1);
  EXPECT_EQ(public_key_.front(), untouched);
  EXPECT_EQ(secret_key_.front(), untouched);
}

}  // namespace
}  // namespace monocoque::test
