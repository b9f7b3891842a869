#include "engine/admission.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace monocoque::engine {
namespace {

constexpr admission::time_point now{std::chrono::hours(1)};

TEST(admission, without_limits_lets_everybody_in) {
  admission door(socket_options{});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(door.enter("tcp://10.0.0.1:" + std::to_string(i), now));
  EXPECT_EQ(door.connections(), 1000U);
  EXPECT_FALSE(door.handshakes_exhausted());
  EXPECT_FALSE(door.handshake_over("tcp://10.0.0.1:1"));
}

TEST(admission, changes_its_limits_and_keeps_its_counts) {
  admission door(socket_options{});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now)) << "counted, but not among its address's";
  door.change_limits({.max_connections = 3, .max_connections_per_address = 1});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:2", now));
  EXPECT_FALSE(door.enter("tcp://10.0.0.1:3", now));
  EXPECT_TRUE(door.enter("tcp://10.0.0.2:1", now));
  EXPECT_FALSE(door.enter("tcp://10.0.0.3:1", now));
  door.change_limits({});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:3", now));
  for (const char* each : {"tcp://10.0.0.1:1", "tcp://10.0.0.1:2", "tcp://10.0.0.1:3", "tcp://10.0.0.2:1"}) {
    EXPECT_FALSE(door.handshake_over(each));
    door.leave(each);
  }
  EXPECT_EQ(door.connections(), 0U);
  EXPECT_EQ(door.addresses(), 0U);
}

TEST(admission, counts_connections) {
  admission door({.max_connections = 2});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now));
  EXPECT_TRUE(door.enter("tcp://10.0.0.2:1", now));
  const result<void> third = door.enter("tcp://10.0.0.3:1", now);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), errc::limit_reached);
  EXPECT_EQ(third.error().detail(), "max_connections of 2 are there");
  door.leave("tcp://10.0.0.1:1");
  EXPECT_TRUE(door.enter("tcp://10.0.0.3:1", now));
}

TEST(admission, counts_those_of_one_address_whatever_the_port) {
  admission door({.max_connections_per_address = 2});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now));
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:2", now));
  EXPECT_FALSE(door.enter("tcp://10.0.0.1:3", now));
  EXPECT_TRUE(door.enter("tcp://10.0.0.11:3", now));
  EXPECT_TRUE(door.enter("tcp://[fe80::1]:1", now));
  EXPECT_TRUE(door.enter("tcp://[fe80::1]:2", now));
  EXPECT_FALSE(door.enter("tcp://[fe80::1]:3", now));
  EXPECT_EQ(door.connections(), 5U) << "who is refused is not counted";
  door.leave("tcp://10.0.0.1:2");
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:4", now));
}

TEST(admission, tells_when_there_is_room_for_a_handshake_again) {
  admission door({.max_handshakes = 2});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now));
  EXPECT_FALSE(door.handshakes_exhausted());
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:2", now));
  EXPECT_TRUE(door.handshakes_exhausted());
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:3", now)) << "accepted before accepting could be paused";
  EXPECT_FALSE(door.handshake_over("tcp://10.0.0.1:1"));
  EXPECT_TRUE(door.handshake_over("tcp://10.0.0.1:1"));
  EXPECT_FALSE(door.handshake_over("tcp://10.0.0.1:1"));
}

TEST(admission, counts_the_handshakes_of_one_address) {
  admission door({.max_handshakes_per_address = 1});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now));
  const result<void> second = door.enter("tcp://10.0.0.1:2", now);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().detail(), "max_handshakes_per_address of 1 are under way");
  EXPECT_TRUE(door.enter("tcp://10.0.0.2:1", now));
  EXPECT_FALSE(door.handshake_over("tcp://10.0.0.1:1"));
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:3", now));
}

TEST(admission, lets_one_address_begin_so_many_handshakes_a_second) {
  using std::chrono::milliseconds;
  admission door({.handshake_rate_per_address = 10});
  int begun = 0;
  while (door.enter("tcp://10.0.0.1:1", now)) ++begun;
  EXPECT_EQ(begun, 20) << "as many as in two seconds, after a long time without any";
  EXPECT_TRUE(door.enter("tcp://10.0.0.2:1", now));
  EXPECT_FALSE(door.enter("tcp://10.0.0.1:1", now + milliseconds(99)));
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now + milliseconds(100)));
  EXPECT_FALSE(door.enter("tcp://10.0.0.1:1", now + milliseconds(100)));
  begun = 0;
  for (int i = 0; i < 1000; ++i) {
    if (door.enter("tcp://10.0.0.1:1", now + milliseconds(100 + 10 * i))) ++begun;
  }
  EXPECT_NEAR(begun, 100, 1) << "in ten seconds";
}

TEST(admission, with_a_slow_rate_lets_one_in_at_least) {
  admission door({.handshake_rate_per_address = 1});
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now));
  EXPECT_TRUE(door.enter("tcp://10.0.0.1:1", now));
  EXPECT_FALSE(door.enter("tcp://10.0.0.1:1", now));
}

TEST(admission, forgets_addresses_that_have_not_come_for_a_while) {
  admission door({.handshake_rate_per_address = 10});
  for (int i = 0; i < 10'000; ++i) {
    const std::string peer = "tcp://10.0.0." + std::to_string(i) + ":1";
    EXPECT_TRUE(door.enter(peer, now + std::chrono::milliseconds(i)));
    EXPECT_FALSE(door.handshake_over(peer));
    door.leave(peer);
  }
  EXPECT_LT(door.addresses(), 1000U) << "100 in the 100 ms that each is known for";
}

}  // namespace
}  // namespace monocoque::engine
