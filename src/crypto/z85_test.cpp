#include <monocoque/z85.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> made;
  for (const int each : values) made.push_back(static_cast<std::byte>(each));
  return made;
}

std::string refusal_of(std::string_view text) {
  const auto decoded = z85_decode(as_result, text);
  if (decoded) return "it was taken";
  EXPECT_EQ(decoded.error(), errc::invalid_argument);
  return std::string(decoded.error().detail());
}

TEST(z85, is_what_rfc_32_says) {
  const auto data = bytes_of({0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B});
  EXPECT_EQ(z85_encode(data), "HelloWorld");
  EXPECT_EQ(z85_decode("HelloWorld"), data);
}

TEST(z85, takes_the_least_and_the_greatest_group) {
  EXPECT_EQ(z85_encode(bytes_of({0, 0, 0, 0})), "00000");
  EXPECT_EQ(z85_decode("00000"), bytes_of({0, 0, 0, 0}));
  EXPECT_EQ(z85_encode(bytes_of({0xff, 0xff, 0xff, 0xff})), "%nSc0");
  EXPECT_EQ(z85_decode("%nSc0"), bytes_of({0xff, 0xff, 0xff, 0xff}));
}

TEST(z85, refuses_groups_of_more_than_four_bytes) {
  for (const char* group : {"%nSc1", "%nSd0", "%nT00", "%o000", "$0000", "#####"})
    EXPECT_EQ(refusal_of(group), "characters 1 to 5 stand for more than 4 bytes") << group;
  EXPECT_EQ(refusal_of("00000#####"), "characters 6 to 10 stand for more than 4 bytes");
}

TEST(z85, of_nothing_is_nothing) {
  EXPECT_EQ(z85_encode({}), "");
  EXPECT_TRUE(z85_decode("").empty());
}

TEST(z85, refuses_what_is_not_of_its_85_characters) {
  const std::string_view alphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  ASSERT_EQ(alphabet.size(), 85U);
  for (int code = 0; code < 256; ++code) {
    const char each = static_cast<char>(code);
    std::string text = "0000000000";
    text[7] = each;
    const bool belongs = alphabet.find(each) != std::string_view::npos;
    EXPECT_EQ(refusal_of(text), belongs ? "it was taken" : "character 8 is no Z85") << code;
  }
}

TEST(z85, gives_each_character_its_place) {
  const std::string_view alphabet =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  for (std::size_t value = 0; value < alphabet.size(); ++value) {
    const auto data = bytes_of({0, 0, 0, static_cast<int>(value)});
    EXPECT_EQ(z85_encode(data), std::string("0000") + alphabet[value]);
    EXPECT_EQ(z85_decode(std::string("0000") + alphabet[value]), data);
  }
}

TEST(z85, refuses_sizes_that_are_no_multiple) {
  for (const std::size_t size : {1U, 2U, 3U, 5U, 6U, 7U, 33U}) {
    const auto encoded = z85_encode(as_result, std::vector<std::byte>(size));
    ASSERT_FALSE(encoded) << size;
    EXPECT_EQ(encoded.error(), errc::invalid_argument);
    EXPECT_EQ(encoded.error().detail(), "Z85 is of multiples of 4 bytes, not of " + std::to_string(size));
  }
  for (const std::size_t size : {1U, 2U, 3U, 4U, 6U, 9U, 39U, 41U})
    EXPECT_EQ(refusal_of(std::string(size, '0')),
              "Z85 is of multiples of 5 characters, not of " + std::to_string(size));
}

TEST(z85, throws_what_its_twin_returns) {
  EXPECT_THROW(static_cast<void>(z85_decode("0")), exception);
  EXPECT_THROW(static_cast<void>(z85_encode(bytes_of({1}))), exception);
}

TEST(z85, comes_back_as_it_was) {
  std::mt19937 random(85);
  std::uniform_int_distribution<int> octet(0, 255);
  for (std::size_t size = 0; size <= 400; size += 4) {
    std::vector<std::byte> data(size);
    for (std::byte& each : data) each = static_cast<std::byte>(octet(random));
    const std::string text = z85_encode(data);
    EXPECT_EQ(text.size(), size / 4 * 5);
    EXPECT_EQ(z85_decode(text), data);
  }
}

}  // namespace
}  // namespace monocoque
