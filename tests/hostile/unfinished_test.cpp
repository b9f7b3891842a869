// What a peer has begun and does not finish shows in the figures, and is gone from them with the message.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace monocoque::test {
namespace {

TEST(unfinished_message, shows_as_memory_held) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  const raw_peer peer(in.last_endpoint());
  shake_hands(peer, "PUSH");
  const std::string whole = speak::frame(std::string(1'000'000, 'x'));
  peer.send(whole.substr(0, 500'000));
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (in.stats().partial_bytes < 400'000 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  const socket_stats before = in.stats();
  EXPECT_GE(before.partial_bytes, 400'000U);
  EXPECT_LE(before.partial_bytes, 500'000U);
  EXPECT_EQ(before.memory_held(), before.partial_bytes);
  EXPECT_EQ(before.received.messages, 0U);
  peer.send(whole.substr(500'000));
  EXPECT_EQ(must_receive(in)[0].size(), 1'000'000U);
  EXPECT_EQ(in.stats().partial_bytes, 0U);
  EXPECT_EQ(in.stats().received.bytes, whole.size());
}

}  // namespace
}  // namespace monocoque::test
