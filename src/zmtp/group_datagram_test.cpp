#include "zmtp/group_datagram.hpp"

#include "zmtp/connection_test_support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::zmtp {
namespace {

using namespace std::string_literals;
using zmtp::testing::text_of;

TEST(group_datagram, is_a_group_and_a_payload) {
  const std::string datagram = "\2tvFriends"s;
  const auto found = parse_group_datagram(as_octets(datagram));
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of(found->group), "tv");
  EXPECT_EQ(text_of(found->payload), "Friends");
}

TEST(group_datagram, may_lack_either) {
  const std::string empty = "\0"s;  // what is found refers to it
  const auto nothing = parse_group_datagram(as_octets(empty));
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->group.empty());
  EXPECT_TRUE(nothing->payload.empty());
  const std::string short_one = "\2tv"s;
  const auto group_alone = parse_group_datagram(as_octets(short_one));
  ASSERT_TRUE(group_alone);
  EXPECT_EQ(text_of(group_alone->group), "tv");
  EXPECT_TRUE(group_alone->payload.empty());
}

/// Every first octet with every length that a group may have, and around: what is taken lies within.
TEST(group_datagram, of_any_length_is_taken_apart_whole_or_not_at_all) {
  EXPECT_FALSE(parse_group_datagram({}));
  for (unsigned first = 0; first < 256; ++first) {
    for (std::size_t size = 1; size <= 260; ++size) {
      const std::string datagram = static_cast<char>(first) + std::string(size - 1, 'x');
      const auto found = parse_group_datagram(as_octets(datagram));
      ASSERT_EQ(found.has_value(), first < size) << first << ' ' << size;
      if (!found) continue;
      ASSERT_EQ(found->group.size(), first);
      ASSERT_EQ(found->group.size() + found->payload.size() + 1, size);
    }
  }
}

}  // namespace
}  // namespace monocoque::zmtp
