#include "crypto/secret.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace monocoque::crypto {
namespace {

TEST(secret, is_compared_in_whole) {
  const std::vector<std::byte> one(40, std::byte{0x5a});
  std::vector<std::byte> other = one;
  EXPECT_TRUE(same(one, other));
  EXPECT_TRUE(same({}, {}));
  EXPECT_FALSE(same(one, std::span(one).first(39)));
  for (std::size_t i = 0; i < other.size(); ++i) {
    other[i] ^= std::byte{0x80};
    EXPECT_FALSE(same(one, other)) << i;
    other[i] ^= std::byte{0x80};
  }
}

TEST(secret, is_wiped_with_all_that_a_string_has_room_for) {
  std::string text = "open sesame";
  const char* const data = text.data();
  text.resize(4);
  wipe(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), data);
  text.resize(11);
  EXPECT_EQ(text, std::string(11, '\0'));
}

TEST(secret, is_wiped_with_all_that_a_vector_has_room_for) {
  std::vector<std::byte> data(11, std::byte{'x'});
  const std::byte* const where = data.data();
  data.resize(4);
  wipe(data);
  EXPECT_TRUE(data.empty());
  ASSERT_EQ(data.data(), where);
  data.resize(11);
  EXPECT_EQ(data, std::vector<std::byte>(11));
}

}  // namespace
}  // namespace monocoque::crypto
