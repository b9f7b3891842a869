#include <monocoque/socket_type.hpp>

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace monocoque {
namespace {

constexpr int type_count = static_cast<int>(socket_type_count);

TEST(socket_type, names_go_both_ways) {
  for (int i = 0; i < type_count; ++i) {
    const auto type = static_cast<socket_type>(i);
    EXPECT_EQ(socket_type_from(name_of(type)), type);
  }
  EXPECT_EQ(name_of(static_cast<socket_type>(type_count)), "?");
  EXPECT_FALSE(socket_type_from("dealer"));
  EXPECT_FALSE(socket_type_from(""));
  EXPECT_FALSE(socket_type_from("?"));
}

TEST(socket_type, numbers_are_those_of_libzmq) {
  EXPECT_EQ(static_cast<int>(socket_type::stream), 11);
  EXPECT_EQ(static_cast<int>(socket_type::server), 12);
  EXPECT_EQ(static_cast<int>(socket_type::channel), 20);
}

TEST(socket_type, compatible_is_the_table_of_the_rfcs) {
  const std::vector<std::string_view> legal{
      "PAIR-PAIR",     "PUB-SUB",    "PUB-XSUB",       "XPUB-SUB",      "XPUB-XSUB",      "REQ-REP",
      "REQ-ROUTER",    "REP-DEALER", "DEALER-DEALER",  "DEALER-ROUTER", "ROUTER-ROUTER",  "PUSH-PULL",
      "CLIENT-SERVER", "RADIO-DISH", "SCATTER-GATHER", "PEER-PEER",     "CHANNEL-CHANNEL"};
  int found = 0;
  for (int i = 0; i < type_count; ++i) {
    for (int j = i; j < type_count; ++j) {
      const auto one = static_cast<socket_type>(i);
      const auto other = static_cast<socket_type>(j);
      EXPECT_EQ(compatible(one, other), compatible(other, one));
      if (compatible(one, other)) ++found;
    }
  }
  EXPECT_EQ(found, static_cast<int>(legal.size()));
  for (const std::string_view pair : legal) {
    const std::size_t dash = pair.find('-');
    EXPECT_TRUE(compatible(*socket_type_from(pair.substr(0, dash)), *socket_type_from(pair.substr(dash + 1))))
        << pair;
  }
}

}  // namespace
}  // namespace monocoque
