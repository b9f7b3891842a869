#include "zmtp/command.hpp"

#include "zmtp/connection_test_support.hpp"

#include <gtest/gtest.h>

namespace monocoque::zmtp {
namespace {

using zmtp::testing::command;
using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(command, splits_name_and_data) {
  const auto found = parse_command(as_octets("\4PINGdata"sv));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "PING");
  EXPECT_EQ(as_text(found->data), "data");
  EXPECT_FALSE(parse_command({}));
  EXPECT_FALSE(parse_command(as_octets("\0PING"sv)));
  EXPECT_FALSE(parse_command(as_octets("\5PING"sv)));
  EXPECT_TRUE(parse_command(as_octets("\4PING"sv)));
}

TEST(command, libzmq_misspells_the_refusal_of_a_password) {
  const auto found =
      parse_command(as_octets("^RROR\3"
                              "400"sv));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, error_command);
  EXPECT_EQ(parse_error(found->data).value(), "400");
  const auto other = parse_command(as_octets("^RROR" + std::string(90, 'x')));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->name.size(), 0x5eU);
}

TEST(command, writes_short_and_long_frames) {
  std::vector<std::byte> out;
  append_command(out, "SUBSCRIBE", as_octets("topic"));
  EXPECT_EQ(as_text(out), "\4\x0f\x09SUBSCRIBEtopic");
  out.clear();
  append_command(out, "CANCEL", as_octets(std::string(249, 't')));
  EXPECT_EQ(as_text(out), "\6\0\0\0\0\0\0\1\0\6CANCEL"s + std::string(249, 't'));
}

TEST(command, ping_carries_its_time_to_live_in_network_order) {
  std::vector<std::byte> out;
  append_ping(out, 0x1234, as_octets("0123456789abcdefgh"));
  EXPECT_EQ(as_text(out), command("PING",
                                  "\x12\x34"
                                  "0123456789abcdef"));
  const auto found = parse_ping(as_octets("\x12\x34xy"sv));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ttl_ds, 0x1234);
  EXPECT_EQ(as_text(found->context), "xy");
  EXPECT_FALSE(parse_ping(as_octets("\1"sv)));
}

TEST(command, error_carries_a_printable_reason) {
  std::vector<std::byte> out;
  append_error(out, std::string(300, 'r'));
  EXPECT_EQ(as_text(out), command("ERROR", '\xff' + std::string(255, 'r')));
  EXPECT_EQ(*parse_error(as_octets("\5no\x1b[mtrailing"sv)), "no?[m");
  EXPECT_FALSE(parse_error(as_octets("\5no"sv)));
  EXPECT_FALSE(parse_error({}));
}

}  // namespace
}  // namespace monocoque::zmtp
