#include "auth/password_text.hpp"
#include "auth/test_hashes.hpp"
#include "auth/test_support.hpp"

#include <monocoque/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace monocoque::auth {
namespace {

using testing::contains;
using testing::hash_of_sesame;
using testing::hash_of_tulip;

std::string refusal_of(std::string_view text) {
  const auto read = read_password_text(text);
  if (read) return "it was taken";
  EXPECT_EQ(read.error(), errc::invalid_argument);
  EXPECT_FALSE(contains(read.error().message(), "argon2")) << "what it says contains no hash";
  return std::string(read.error().detail());
}

TEST(password_text, is_read_in_the_order_of_names) {
  const std::string text =
      "# people\n\njoe:" + hash_of_sesame + "\r\nann:" + hash_of_tulip + "\n#bob:\nm:u:m:" + hash_of_tulip;
  const auto read = read_password_text(text);
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].name, "ann");
  EXPECT_EQ((*read)[0].hash, hash_of_tulip);
  EXPECT_EQ((*read)[1].name, "joe");
  EXPECT_EQ((*read)[1].hash, hash_of_sesame);
  EXPECT_EQ((*read)[2].name, "m:u:m");
}

TEST(password_text, may_be_empty) {
  for (const char* text : {"", "\n", "#", "# nobody\n\n"}) {
    const auto read = read_password_text(text);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_TRUE(read->empty());
  }
}

TEST(password_text, that_makes_no_sense_is_refused_with_the_line) {
  const std::string good = "joe:" + hash_of_sesame + "\n";
  EXPECT_EQ(refusal_of(good + "\nann\n"), "line 3: there is no ':' behind a name");
  EXPECT_EQ(refusal_of(":" + hash_of_sesame), "line 1: there is no name in front of the ':'");
  EXPECT_EQ(refusal_of("ann:"), "line 1: what stands behind the ':' is no hash of a password");
  EXPECT_EQ(refusal_of(good + "ann:tulip\n"), "line 2: what stands behind the ':' is no hash of a password");
  EXPECT_TRUE(contains(refusal_of("ann:" + hash_of_sesame.substr(0, 60)), "line 1: "));
  EXPECT_TRUE(contains(refusal_of("ann:" + hash_of_sesame + " "), "line 1: "));
  EXPECT_EQ(refusal_of(good + "#\n" + good), "line 3: \"joe\" is in line 1 already");
}

TEST(password_text, has_bounds) {
  const std::string longest(max_username, 'n');
  EXPECT_TRUE(read_password_text(longest + ":" + hash_of_sesame));
  EXPECT_EQ(refusal_of(longest + "n:" + hash_of_sesame), "line 1: the name is longer than 255 bytes");
  EXPECT_EQ(refusal_of(std::string(max_password_line + 1, 'x')), "line 1: longer than 4096 bytes");
  EXPECT_TRUE(read_password_text("#" + std::string(max_password_line, 'x'))) << "of comments there is none";
}

}  // namespace
}  // namespace monocoque::auth
