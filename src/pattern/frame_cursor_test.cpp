#include "pattern/frame_cursor.hpp"

#include "pattern/testing.hpp"

#include <gtest/gtest.h>

namespace monocoque::pattern::testing {
namespace {

TEST(frame_cursor, reads_the_same_frames_whatever_the_form) {
  const std::vector<std::byte> encoded = wire_of({"", "hop", "", "body"});
  const message stored = message::of({"hop", "", "body"});
  frame_cursor of_bytes(encoded), of_object(true, stored);
  for (const std::string_view expected : {"", "hop", "", "body"}) {
    const auto peeked = of_object.peek();
    const auto one = of_bytes.next(), other = of_object.next();
    EXPECT_EQ(text_of(one.payload), expected);
    EXPECT_EQ(text_of(other.payload), expected);
    EXPECT_EQ(text_of(peeked.payload), expected);
    EXPECT_EQ(one.more, expected != "body");
    EXPECT_EQ(other.more, one.more);
    std::vector<std::byte> passed_bytes, passed_object{std::byte{9}};
    of_bytes.copy_passed(passed_bytes);
    of_object.copy_passed(passed_object);
    EXPECT_EQ(passed_bytes, passed_object);
  }
  EXPECT_TRUE(of_bytes.rest().empty());
  EXPECT_EQ(of_object.passed(), 4U);
}

TEST(frame_cursor, of_an_object_without_a_delimiter_begins_with_its_first_frame) {
  const message stored("only");
  frame_cursor cursor(false, stored);
  const auto only = cursor.next();
  EXPECT_EQ(text_of(only.payload), "only");
  EXPECT_FALSE(only.more);
  EXPECT_EQ(cursor.passed(), 1U);
}

}  // namespace
}  // namespace monocoque::pattern::testing
