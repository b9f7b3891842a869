#include "zmtp/metadata.hpp"

#include "zmtp/connection_test_support.hpp"

#include <gtest/gtest.h>

namespace monocoque::zmtp {
namespace {

using zmtp::testing::property;
using namespace std::string_view_literals;

TEST(metadata, reads_properties_in_order) {
  const std::string input =
      property("Socket-Type", "DEALER") + property("Identity", "") + property("X-a", "\0b"sv);
  const auto found = parse_metadata(as_octets(input));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ((*found)[0].name, "Socket-Type");
  EXPECT_EQ(as_text((*found)[0].value), "DEALER");
  EXPECT_TRUE((*found)[1].value.empty());
  EXPECT_EQ(as_text((*found)[2].value), "\0b"sv);
  EXPECT_TRUE(parse_metadata({}).value().empty());
}

TEST(metadata, refuses_input_cut_off_at_every_length) {
  const std::string first = property("Socket-Type", "DEALER");
  const std::string input = first + property("Identity", "me");
  for (std::size_t size = 1; size < input.size(); ++size) {
    if (size == first.size()) continue;
    const std::string cut = input.substr(0, size);
    const auto found = parse_metadata(as_octets(cut));
    ASSERT_FALSE(found) << size;
    EXPECT_EQ(found.error(), errc::bad_metadata);
    EXPECT_EQ(found.error().detail().substr(0, 15), "metadata cut of");
  }
}

TEST(metadata, refuses_a_value_size_that_wraps) {
  const auto found =
      parse_metadata(as_octets("\1a\xff\xff\xff\xff"
                               "b"sv));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().detail(), "metadata cut off in the value of property a");
}

TEST(metadata, refuses_a_name_twice_in_whatever_case) {
  EXPECT_FALSE(parse_metadata(as_octets(property("X-Name", "1") + property("x-nAME", "2"))));
  EXPECT_TRUE(parse_metadata(as_octets(property("X-Name", "1") + property("X-Names", "2"))));
}

TEST(metadata, compares_names_without_case) {
  EXPECT_TRUE(same_property("Socket-Type", "SOCKET-tYPE"));
  EXPECT_FALSE(same_property("Socket-Type", "Socket_Type"));
  EXPECT_FALSE(same_property("Socket-Type", "Socket-Typ"));
}

TEST(metadata, writes_what_it_reads) {
  std::vector<std::byte> out;
  const std::string value(70'000, 'v');
  append_property(out, "X-Long", as_octets(value));
  EXPECT_EQ(as_text(out), property("X-Long", value));
}

}  // namespace
}  // namespace monocoque::zmtp
