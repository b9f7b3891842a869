#include "pattern/testing.hpp"

#include <gtest/gtest.h>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::slots;

TEST(push, balances_over_writable_peers) {
  bench push(socket_type::push);
  EXPECT_EQ(push.send({"x"}).kind, send_kind::would_block);
  for (std::uint32_t slot = 0; slot < 3; ++slot) push.attach({slot, 1});
  EXPECT_EQ(push.slots({"x"}), slots{0});
  EXPECT_EQ(push.slots({"x"}), slots{1});
  push->set_writable({2, 1}, false);
  EXPECT_EQ(push.slots({"x"}), slots{0});
  push->detach({1, 1});
  EXPECT_EQ(push.slots({"x"}), slots{0});
  push->set_writable({2, 1}, true);
  EXPECT_EQ(push.slots({"x"}), slots{0});
  EXPECT_EQ(push.slots({"x"}), slots{2});
  push->detach({0, 1});
  push->detach({2, 1});
  EXPECT_FALSE(push->can_send());
  EXPECT_EQ(push.send({"x"}).kind, send_kind::would_block);
}

TEST(push, receives_nothing) {
  bench push(socket_type::push);
  push.attach({0, 1});
  push->set_readable({0, 1}, true);
  EXPECT_FALSE(push->can_receive());
  EXPECT_FALSE(push->next_source().valid());
  EXPECT_EQ(push->why_no_source(), errc::not_supported);
  EXPECT_EQ(push.arrive({0, 1}, {"x"}).kind, receive_kind::drop);
}

TEST(push, a_new_peer_is_full_until_its_owner_says_otherwise) {
  bench push(socket_type::push);
  static_cast<void>(push->attach({0, 1}, {}));
  EXPECT_FALSE(push->can_send());
  push->set_writable({0, 0}, true);
  EXPECT_FALSE(push->can_send());
  push->set_writable({0, 1}, true);
  EXPECT_TRUE(push->can_send());
}

TEST(pull, queues_fairly) {
  bench pull(socket_type::pull);
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    pull.attach({slot, 1});
    pull->set_readable({slot, 1}, true);
  }
  EXPECT_EQ(pull->next_source().slot, 0U);
  EXPECT_EQ(pull->next_source().slot, 0U) << "asking is not taking";
  EXPECT_EQ(pull.arrive({0, 1}, {"x"}).kind, receive_kind::deliver);
  EXPECT_EQ(pull->next_source().slot, 1U);
  pull->set_readable({1, 1}, false);  // its only message has been taken
  EXPECT_EQ(pull.arrive({1, 1}, {"x"}).kind, receive_kind::deliver);
  EXPECT_EQ(pull->next_source().slot, 2U);
  pull->detach({2, 1});
  EXPECT_EQ(pull->next_source().slot, 0U);
  EXPECT_EQ(pull.arrive({2, 1}, {"x"}).kind, receive_kind::drop);
  pull->set_readable({0, 1}, false);
  EXPECT_FALSE(pull->next_source().valid());
  EXPECT_FALSE(pull->can_receive());
  EXPECT_EQ(pull->why_no_source(), errc::would_block);
}

TEST(pull, sends_nothing) {
  bench pull(socket_type::pull);
  pull.attach({0, 1});
  EXPECT_EQ(pull.send({"x"}).kind, send_kind::not_supported);
  EXPECT_FALSE(pull->can_send());
}

TEST(pair, talks_to_one_peer) {
  bench pair(socket_type::pair);
  EXPECT_EQ(pair.send({"x"}).kind, send_kind::would_block);
  EXPECT_FALSE(pair.attach({0, 1}).refused);
  const auto second = pair.attach({1, 1});
  ASSERT_TRUE(second.refused);
  EXPECT_TRUE(*second.refused == errc::second_peer);
  EXPECT_EQ(pair.slots({"x"}), slots{0});
  pair->detach({1, 1});
  EXPECT_TRUE(pair->can_send());
  pair->set_readable({1, 1}, true);
  EXPECT_FALSE(pair->can_receive());
  pair->set_readable({0, 1}, true);
  EXPECT_EQ(pair->next_source(), (peer_id{0, 1}));
  EXPECT_EQ(pair.arrive({0, 1}, {"x"}).kind, receive_kind::deliver);
  EXPECT_EQ(pair.arrive({1, 1}, {"x"}).kind, receive_kind::drop);
}

TEST(pair, takes_another_peer_once_the_first_has_gone) {
  bench pair(socket_type::pair);
  pair.attach({0, 1});
  pair->set_readable({0, 1}, true);
  pair->detach({0, 1});
  EXPECT_FALSE(pair->can_send());
  EXPECT_FALSE(pair->can_receive());
  EXPECT_FALSE(pair.attach({0, 2}).refused);
  pair->detach({0, 1});  // late
  EXPECT_EQ(pair.slots({"x"}), slots{0});
}

TEST(dealer, balances_out_and_queues_in) {
  bench dealer(socket_type::dealer);
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    EXPECT_TRUE(dealer.attach({slot, 1}).greetings.empty());
    dealer->set_readable({slot, 1}, true);
  }
  EXPECT_EQ(dealer.slots({"a", "b"}), slots{0});
  EXPECT_EQ(dealer.slots({"a"}), slots{1});
  EXPECT_EQ(dealer.arrive(dealer->next_source(), {"", "x"}).skip_bytes, 0U);
  EXPECT_EQ(dealer->next_source().slot, 1U);
  dealer->detach({0, 1});
  dealer->detach({1, 1});
  EXPECT_EQ(dealer.send({"a"}).kind, send_kind::would_block);
  EXPECT_FALSE(dealer->can_send());
  EXPECT_FALSE(dealer->can_receive());
}

TEST(dealer, probes_with_an_empty_message) {
  bench dealer(socket_type::dealer, {.probe_router = true, .seed = 1});
  const auto verdict = dealer.attach({0, 1});
  ASSERT_EQ(verdict.greetings.size(), 1U);
  EXPECT_EQ(verdict.greetings[0].byte_count(), 0U);
  EXPECT_EQ(verdict.greetings[0].size(), 1U);
}

TEST(pattern, every_type_ignores_peers_it_does_not_know) {
  for (int type = 0; type <= static_cast<int>(socket_type::xsub); ++type) {
    SCOPED_TRACE(name_of(static_cast<socket_type>(type)));
    bench socket(static_cast<socket_type>(type));
    const peer_id stale{4, 1};
    for (int round = 0; round < 2; ++round) {
      socket->set_writable(stale, true);
      socket->set_readable(stale, true);
      socket->on_subscription(stale, true, bytes::copy("x"));
      EXPECT_NE(socket.arrive(stale, {"\1x", "", "y"}).kind, receive_kind::deliver);
      socket->detach(stale);
      EXPECT_FALSE(socket->next_source().valid());
      EXPECT_FALSE(socket->can_receive());
      EXPECT_TRUE(socket.slots({"x"}).empty());
      socket.attach({4, 2});  // the same slot's next tenant
      socket->set_writable({4, 2}, false);
    }
  }
}

TEST(pattern, every_type_gives_a_slot_to_its_next_tenant_even_before_it_hears_of_the_last_ones_end) {
  for (int type = 0; type <= static_cast<int>(socket_type::xsub); ++type) {
    SCOPED_TRACE(name_of(static_cast<socket_type>(type)));
    bench socket(static_cast<socket_type>(type));
    socket.attach({0, 1});
    socket->on_subscription({0, 1}, true, bytes::copy(""));
    socket->set_readable({0, 1}, true);
    EXPECT_FALSE(socket.attach({0, 2}).refused);
    socket->detach({0, 1});
    EXPECT_FALSE(socket->next_source().valid());
    for (const peer_id peer : socket.send({"x"}).to) EXPECT_EQ(peer, (peer_id{0, 2}));
  }
}

}  // namespace
}  // namespace monocoque::pattern
