#include "engine/option_rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::engine {
namespace {

TEST(check_options, the_defaults_suit_every_type) {
  for (int type = 0; type <= static_cast<int>(socket_type::xsub); ++type) {
    EXPECT_TRUE(check_options(static_cast<socket_type>(type), {}));
  }
}

TEST(check_options, an_option_that_a_type_does_not_have_is_refused_by_name) {
  const result<void> checked = check_options(socket_type::rep, {.conflate = true});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error(), errc::not_supported);
  EXPECT_NE(checked.error().message().find("conflate is not an option of REP"), std::string::npos);
  EXPECT_TRUE(check_options(socket_type::push, {.conflate = true}));
  EXPECT_EQ(check_options(socket_type::pub, {.router_mandatory = true}).error(), errc::not_supported);
  EXPECT_EQ(check_options(socket_type::sub, {.no_drop = true}).error(), errc::not_supported);
}

TEST(check_options, a_value_out_of_range_is_refused_by_name) {
  const result<void> checked = check_options(socket_type::push, {.send_high_water_mark = -1});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error(), errc::invalid_argument);
  EXPECT_NE(checked.error().message().find("send_high_water_mark"), std::string::npos);
  EXPECT_FALSE(check_options(socket_type::push, {.linger = std::chrono::milliseconds(-1)}));
  EXPECT_FALSE(check_options(socket_type::dealer, {.routing_id = bytes::copy(std::string(256, 'x'))}));
  EXPECT_FALSE(check_options(socket_type::dealer, {.routing_id = bytes::copy(std::string(1, '\0'))}));
  EXPECT_TRUE(check_options(socket_type::dealer, {.routing_id = bytes::copy(std::string(255, 'x'))}));
  EXPECT_FALSE(check_options(socket_type::dealer, {.metadata = {{"Own", "value"}}}));
  EXPECT_TRUE(check_options(socket_type::dealer, {.metadata = {{"X-Own", "value"}}}));
}

}  // namespace
}  // namespace monocoque::engine
