#include "pattern/rotation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>

namespace monocoque::pattern {
namespace {

std::vector<std::uint32_t> turns(rotation& of, int count) {
  std::vector<std::uint32_t> taken;
  for (int i = 0; i < count; ++i) taken.push_back(of.take_turn().slot);
  return taken;
}

TEST(rotation, gives_each_active_peer_its_turn) {
  rotation ring;
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    ring.attach({slot, 1});
    ring.set_active({slot, 1}, true);
  }
  EXPECT_EQ(turns(ring, 7), (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2, 0}));
}

TEST(rotation, a_peer_that_comes_waits_until_the_round_is_over) {
  rotation ring;
  for (std::uint32_t slot = 0; slot < 4; ++slot) ring.attach({slot, 1});
  for (std::uint32_t slot = 0; slot < 3; ++slot) ring.set_active({slot, 1}, true);
  EXPECT_EQ(ring.take_turn().slot, 0U);
  ring.set_active({3, 1}, true);
  EXPECT_EQ(turns(ring, 5), (std::vector<std::uint32_t>{1, 2, 0, 3, 1}));
}

TEST(rotation, a_peer_that_goes_leaves_the_others_in_order) {
  rotation ring;
  for (std::uint32_t slot = 0; slot < 4; ++slot) {
    ring.attach({slot, 1});
    ring.set_active({slot, 1}, true);
  }
  EXPECT_EQ(ring.take_turn().slot, 0U);
  ring.detach({1, 1});
  EXPECT_EQ(turns(ring, 4), (std::vector<std::uint32_t>{2, 3, 0, 2}));
  ring.detach({3, 1});
  ring.detach({0, 1});
  ring.detach({2, 1});
  EXPECT_TRUE(ring.empty());
  EXPECT_FALSE(ring.take_turn().valid());
}

TEST(rotation, stale_ids_and_no_ids_do_nothing) {
  rotation ring;
  ring.attach({});
  ring.attach({0, 2});
  ring.set_active({0, 1}, true);
  ring.set_active({7, 1}, true);
  EXPECT_TRUE(ring.empty());
  ring.set_active({0, 2}, true);
  ring.detach({0, 1});
  EXPECT_EQ(ring.current(), (peer_id{0, 2}));
  ring.pass_turn({});
  ring.attach({0, 3});  // the slot's next tenant, before the old one was detached
  EXPECT_TRUE(ring.empty());
  EXPECT_FALSE(ring.attached({0, 2}));
}

TEST(rotation, agrees_with_a_naive_queue) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  rotation ring;
  std::deque<peer_id> queue;                      // the model: whose turn it is in front
  std::map<std::uint32_t, std::uint32_t> epochs;  // attached
  std::uint32_t next_epoch = 1;
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random() % 12);
    const peer_id peer{slot, epochs.contains(slot) ? epochs[slot] : 0};
    switch (random() % 6) {
      case 0:
        if (!epochs.contains(slot)) ring.attach({slot, epochs[slot] = next_epoch++});
        break;
      case 1:
        if (random() % 4 != 0) break;
        ring.detach(peer);
        std::erase(queue, peer);
        epochs.erase(slot);
        break;
      case 2:
      case 3:
        if (epochs.contains(slot) && std::ranges::find(queue, peer) == queue.end()) queue.push_back(peer);
        ring.set_active(peer, true);
        break;
      case 4:
        ring.set_active(peer, false);
        std::erase(queue, peer);
        break;
      default:
        const peer_id taken = ring.take_turn();
        ASSERT_EQ(taken, queue.empty() ? peer_id{} : queue.front()) << "step " << step;
        if (!queue.empty()) {
          queue.push_back(queue.front());
          queue.pop_front();
        }
    }
  }
}

}  // namespace
}  // namespace monocoque::pattern
