#include <monocoque/result.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace monocoque {
namespace {

result<int> parse(bool good) {
  if (good) return 7;
  return errc::invalid_argument;
}

result<void> act(bool good) {
  if (good) return {};
  return error(errc::closed, "why");
}

TEST(result, holds_a_value) {
  const result<int> found = parse(true);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found);
  EXPECT_EQ(*found, 7);
  EXPECT_EQ(found.value(), 7);
}

TEST(result, holds_an_error_and_throws_it_on_demand) {
  const result<int> found = parse(false);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), errc::invalid_argument);
  EXPECT_THROW((void)found.value(), exception);
  try {
    (void)parse(false).value();
  } catch (const exception& caught) {
    EXPECT_EQ(caught.code(), errc::invalid_argument);
  }
}

TEST(result, moves_values_that_cannot_be_copied) {
  result<std::unique_ptr<std::string>> found = std::make_unique<std::string>("x");
  EXPECT_EQ(**found, "x");
  EXPECT_EQ(found->get()->size(), 1U);
  const std::unique_ptr<std::string> taken = *std::move(found);
  EXPECT_EQ(*taken, "x");
  result<std::unique_ptr<std::string>> other = std::make_unique<std::string>("y");
  EXPECT_EQ(*std::move(other).value(), "y");
}

TEST(result, moves_its_error_out) {
  result<int> found = error(errc::closed, "why");
  const error taken = std::move(found).error();
  EXPECT_EQ(taken.detail(), "why");
}

TEST(result_of_void, is_success_or_an_error) {
  EXPECT_TRUE(act(true));
  EXPECT_NO_THROW(act(true).value());
  const result<void> failed = act(false);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), errc::closed);
  EXPECT_EQ(failed.error().detail(), "why");
  EXPECT_THROW(failed.value(), exception);
}

}  // namespace
}  // namespace monocoque
