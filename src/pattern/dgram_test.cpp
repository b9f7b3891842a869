#include "pattern/dgram.hpp"

#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;

TEST(dgram, has_one_endpoint) {
  bench dgram(socket_type::dgram);
  EXPECT_EQ(dgram.send({"127.0.0.1:9", "x"}).kind, send_kind::would_block);
  EXPECT_EQ(dgram->would_route(raw("127.0.0.1:9")), send_kind::would_block);
  EXPECT_FALSE(dgram.attach({0, 1}).refused);
  const auto refused = dgram.attach({1, 1}).refused;
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), make_error_code(errc::second_peer));
  EXPECT_EQ(dgram.slots({"127.0.0.1:9", "x"}), slots{0});
  EXPECT_FALSE(dgram->sole_target().valid()) << "each message is to be looked at";
  dgram->detach({0, 1});
  EXPECT_FALSE(dgram->can_send());
  EXPECT_FALSE(dgram.attach({1, 1}).refused);
  EXPECT_TRUE(dgram->can_send());
}

TEST(dgram, sends_an_address_and_a_payload) {
  bench dgram(socket_type::dgram);
  dgram.attach({0, 1});
  EXPECT_EQ(dgram.send({"127.0.0.1:9"}).kind, send_kind::invalid);
  EXPECT_EQ(dgram.send({"127.0.0.1:9", "x", "y"}).kind, send_kind::invalid);
  EXPECT_EQ(dgram.send({"127.0.0.1:9", std::string(dgram::max_payload, 'x')}).kind, send_kind::pass);
  EXPECT_EQ(dgram.send({"127.0.0.1:9", std::string(dgram::max_payload + 1, 'x')}).kind, send_kind::invalid);
  EXPECT_EQ(dgram->would_route(raw("127.0.0.1:9")), send_kind::pass);
}

TEST(dgram, receives_all_that_comes) {
  bench dgram(socket_type::dgram);
  dgram.attach({0, 1});
  EXPECT_FALSE(dgram->next_source().valid());
  dgram->set_readable({0, 1}, true);
  EXPECT_TRUE(dgram->can_receive());
  EXPECT_EQ(dgram->sole_source().slot, 0U);
  EXPECT_EQ(dgram.arrive({0, 1}, {"127.0.0.1:9", "x"}).kind, receive_kind::deliver);
  EXPECT_EQ(dgram.arrive({0, 0}, {"127.0.0.1:9", "x"}).kind, receive_kind::drop);
}

}  // namespace
}  // namespace monocoque::pattern
