#include "pattern/routing_table.hpp"

#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace monocoque::pattern {
namespace {

using testing::raw;

TEST(routing_table, generates_five_bytes_that_begin_with_zero) {
  routing_table table(7);
  std::set<std::string> seen;
  for (std::uint32_t slot = 0; slot < 1000; ++slot) {
    const auto outcome = table.attach({slot, 1}, {}, false);
    ASSERT_TRUE(outcome.attached);
    ASSERT_EQ(outcome.id->size(), 5U);
    ASSERT_EQ((*outcome.id)[0], std::byte{0});
    ASSERT_EQ(table.find(outcome.id->span()), (peer_id{slot, 1}));
    ASSERT_TRUE(seen.insert(outcome.id->str()).second);
  }
}

TEST(routing_table, does_not_generate_an_id_that_a_peer_announced) {
  const bytes next = *routing_table(7).attach({0, 1}, {}, false).id;
  routing_table table(7);
  ASSERT_TRUE(table.attach({0, 1}, next, false).attached);
  EXPECT_NE(*table.attach({1, 1}, {}, false).id, next);
}

TEST(routing_table, refuses_a_duplicate_without_hand_over) {
  routing_table table(7);
  ASSERT_TRUE(table.attach({0, 1}, bytes::copy("A"), false).attached);
  EXPECT_FALSE(table.attach({1, 1}, bytes::copy("A"), false).attached);
  EXPECT_EQ(table.find(raw("A")), (peer_id{0, 1}));
  table.detach({1, 1});
  EXPECT_EQ(table.find(raw("A")), (peer_id{0, 1}));
}

TEST(routing_table, a_late_detach_of_the_old_connection_does_not_remove_the_new_one) {
  routing_table table(7);
  ASSERT_TRUE(table.attach({0, 1}, bytes::copy("A"), true).attached);
  const auto outcome = table.attach({1, 1}, bytes::copy("A"), true);
  EXPECT_EQ(outcome.displaced, (peer_id{0, 1}));
  ASSERT_NE(table.id_of({0, 1}), nullptr);
  EXPECT_EQ(table.id_of({0, 1})->size(), 5U);
  table.detach({0, 1});
  EXPECT_EQ(table.find(raw("A")), (peer_id{1, 1}));
}

TEST(routing_table, a_late_detach_of_the_slots_old_tenant_does_nothing) {
  routing_table table(7);
  ASSERT_TRUE(table.attach({3, 1}, bytes::copy("A"), false).attached);
  ASSERT_TRUE(table.attach({3, 2}, bytes::copy("A"), false).attached);
  table.detach({3, 1});
  EXPECT_EQ(table.find(raw("A")), (peer_id{3, 2}));
  table.detach({3, 2});
  EXPECT_FALSE(table.find(raw("A")).valid());
}

TEST(routing_table, takes_binary_and_long_ids) {
  routing_table table(7);
  const std::string binary("\0\xff\0", 3), longest(255, 'x');
  ASSERT_TRUE(table.attach({0, 1}, bytes::copy(binary), false).attached);
  ASSERT_TRUE(table.attach({1, 1}, bytes::copy(longest), false).attached);
  EXPECT_EQ(table.find(raw(binary)), (peer_id{0, 1}));
  EXPECT_EQ(table.find(raw(longest)), (peer_id{1, 1}));
  EXPECT_FALSE(table.find(raw(longest).first(254)).valid());
}

TEST(routing_table, agrees_with_a_naive_model) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  routing_table table(seed | 1);
  std::map<std::string, peer_id> by_id;
  std::map<peer_id, std::string> by_peer;
  std::uint32_t epoch = 0;
  const auto forget = [&](peer_id peer) {
    if (!by_peer.contains(peer)) return;
    by_id.erase(by_peer[peer]);
    by_peer.erase(peer);
  };
  for (int step = 0; step < 8'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random() % 10);
    if (random() % 2 == 0) {
      const peer_id peer{slot, epoch - static_cast<std::uint32_t>(random() % 12)};
      table.detach(peer);
      forget(peer);
      continue;
    }
    const peer_id peer{slot, ++epoch};
    const std::string id(random() % 3, static_cast<char>('a' + random() % 3));
    const bool hand_over = random() % 2 == 0;
    std::erase_if(by_peer, [&](const auto& entry) {
      if (entry.first.slot == slot) by_id.erase(entry.second);
      return entry.first.slot == slot;
    });
    const bool taken = !id.empty() && by_id.contains(id);
    const auto outcome = table.attach(peer, bytes::copy(id), hand_over);
    ASSERT_EQ(outcome.attached, !taken || hand_over) << "step " << step;
    if (!outcome.attached) continue;
    ASSERT_EQ(outcome.displaced, taken ? by_id[id] : peer_id{});
    if (taken) {
      by_peer[outcome.displaced] = table.id_of(outcome.displaced)->str();
      by_id[by_peer[outcome.displaced]] = outcome.displaced;
    }
    by_peer[peer] = outcome.id->str();
    by_id[by_peer[peer]] = peer;
    ASSERT_EQ(by_id.size(), by_peer.size());
    for (const auto& [known, holder] : by_id) ASSERT_EQ(table.find(raw(known)), holder) << "step " << step;
  }
}

}  // namespace
}  // namespace monocoque::pattern
