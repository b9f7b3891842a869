#include "engine/admission.hpp"

#include <gtest/gtest.h>

namespace monocoque::engine {
namespace {

TEST(admission, without_limits_lets_everybody_in) {
  admission door(socket_options{});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(door.enter("tcp://10.0.0.1:" + std::to_string(i)));
  EXPECT_EQ(door.connections(), 1000U);
  EXPECT_FALSE(door.handshakes_exhausted());
  EXPECT_FALSE(door.handshake_over());
}

TEST(admission, counts_connections) {
  admission door({.max_connections = 2});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1"));
  EXPECT_TRUE(door.enter("tcp://10.0.0.2:1"));
  const result<void> third = door.enter("tcp://10.0.0.3:1");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), errc::limit_reached);
  EXPECT_EQ(third.error().detail(), "max_connections of 2 are there");
  door.leave("tcp://10.0.0.1:1");
  EXPECT_TRUE(door.enter("tcp://10.0.0.3:1"));
}

TEST(admission, counts_those_of_one_address_whatever_the_port) {
  admission door({.max_connections_per_address = 2});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1"));
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:2"));
  EXPECT_FALSE(door.enter("tcp://10.0.0.1:3"));
  EXPECT_TRUE(door.enter("tcp://10.0.0.11:3"));
  EXPECT_TRUE(door.enter("tcp://[fe80::1]:1"));
  EXPECT_TRUE(door.enter("tcp://[fe80::1]:2"));
  EXPECT_FALSE(door.enter("tcp://[fe80::1]:3"));
  EXPECT_EQ(door.connections(), 5U) << "who is refused is not counted";
  door.leave("tcp://10.0.0.1:2");
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:4"));
}

TEST(admission, tells_when_there_is_room_for_a_handshake_again) {
  admission door({.max_handshakes = 2});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1"));
  EXPECT_FALSE(door.handshakes_exhausted());
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:2"));
  EXPECT_TRUE(door.handshakes_exhausted());
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:3")) << "accepted before accepting could be paused";
  EXPECT_FALSE(door.handshake_over());
  EXPECT_TRUE(door.handshake_over());
  EXPECT_FALSE(door.handshake_over());
}

}  // namespace
}  // namespace monocoque::engine
