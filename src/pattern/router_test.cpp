#include "pattern/testing.hpp"

#include <gtest/gtest.h>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;

TEST(router, sends_to_the_peer_named_and_names_the_peer_that_sent) {
  bench router(socket_type::router);
  EXPECT_EQ(router.attach({0, 1}, "A").routing_id, "A");
  router.attach({1, 1}, "B");
  const auto sent = router.send({"B", "x"});
  EXPECT_EQ(bench::slots_of(sent), slots{1});
  EXPECT_EQ(sent.skip, 1U);
  router->set_readable({0, 1}, true);
  ASSERT_EQ(router->next_source(), (peer_id{0, 1}));
  const auto received = router.arrive({0, 1}, {"x"});
  ASSERT_EQ(received.kind, receive_kind::deliver);
  ASSERT_NE(received.prepend, nullptr);
  EXPECT_EQ(*received.prepend, "A");
  EXPECT_EQ(router->find(raw("A")), (peer_id{0, 1}));
  EXPECT_FALSE(router->find(raw("C")).valid());
}

TEST(router, knows_the_only_peer_that_has_messages_and_its_id) {
  bench router(socket_type::router);
  router.attach({0, 1}, "A");
  EXPECT_FALSE(router->sole_source().valid());
  router->set_readable({0, 1}, true);
  ASSERT_EQ(router->sole_source(), (peer_id{0, 1}));
  ASSERT_NE(router->sole_source_id(), nullptr);
  EXPECT_EQ(*router->sole_source_id(), "A");
  for (std::uint32_t slot = 1; slot < 40; ++slot) router.attach({slot, 1});  // its id moves
  EXPECT_EQ(*router->sole_source_id(), "A");
  router->set_readable({7, 1}, true);
  EXPECT_FALSE(router->sole_source().valid());
  router->detach({0, 1});
  ASSERT_EQ(router->sole_source(), (peer_id{7, 1}));
  EXPECT_EQ(*router->sole_source_id(), *router.arrive({7, 1}, {"x"}).prepend);
}

TEST(router, a_peer_whose_id_was_taken_over_is_known_by_another) {
  bench router(socket_type::router, {.router_handover = true, .seed = 1});
  router.attach({0, 1}, "A");
  router->set_readable({0, 1}, true);
  router.attach({1, 1}, "A");
  ASSERT_EQ(router->sole_source(), (peer_id{0, 1}));
  EXPECT_FALSE(*router->sole_source_id() == "A");
  EXPECT_EQ(*router->sole_source_id(), *router.arrive({0, 1}, {"x"}).prepend);
}

TEST(router, makes_up_an_id_for_a_peer_without_one) {
  bench router(socket_type::router);
  const bytes id = router.attach({0, 1}).routing_id;
  EXPECT_EQ(id.size(), 5U);
  EXPECT_EQ(id[0], std::byte{0});
  EXPECT_NE(router.attach({1, 1}).routing_id, id);
  EXPECT_EQ(router.slots({id, "x"}), slots{0});
}

TEST(router, drops_and_counts_what_it_cannot_route) {
  bench router(socket_type::router);
  EXPECT_TRUE(router->can_send());
  EXPECT_EQ(router.send({"A", "x"}).kind, send_kind::drop);
  router.attach({0, 1}, "A");
  router->set_writable({0, 1}, false);
  const auto full = router.send({"A", "x"});
  EXPECT_EQ(full.kind, send_kind::drop);
  EXPECT_EQ(full.dropped, 1U);
  EXPECT_EQ(router.send({"A"}).kind, send_kind::invalid);
}

TEST(router, mandatory_says_why_it_cannot_route) {
  bench router(socket_type::router, {.router_mandatory = true, .seed = 1});
  EXPECT_FALSE(router->can_send());
  EXPECT_EQ(router.send({"A", "x"}).kind, send_kind::unroutable);
  router.attach({0, 1}, "A");
  EXPECT_TRUE(router->can_send());
  EXPECT_EQ(router.send({"A", "x"}).kind, send_kind::pass);
  router->set_writable({0, 1}, false);
  EXPECT_FALSE(router->can_send());
  EXPECT_EQ(router.send({"A", "x"}).kind, send_kind::would_block);
  router->detach({0, 1});
  EXPECT_EQ(router.send({"A", "x"}).kind, send_kind::unroutable);
}

TEST(router, does_not_wait_for_a_peer_that_has_gone_and_still_has_something_to_read) {
  bench router(socket_type::router, {.router_mandatory = true, .seed = 1});
  router.attach({0, 1}, "A");
  router->set_readable({0, 1}, true);
  router->shut({0, 1});
  EXPECT_EQ(router.send({"A", "x"}).kind, send_kind::unroutable);
  EXPECT_EQ(router->next_source(), (peer_id{0, 1}));
}

TEST(router, refuses_a_second_peer_of_the_same_id) {
  bench router(socket_type::router);
  router.attach({0, 1}, "A");
  const auto second = router.attach({1, 1}, "A");
  ASSERT_TRUE(second.refused);
  EXPECT_TRUE(*second.refused == errc::duplicate_routing_id);
  router->detach({1, 1});
  EXPECT_EQ(router.slots({"A", "x"}), slots{0});
}

TEST(router, hands_an_id_over_and_a_late_detach_of_the_old_connection_changes_nothing) {
  bench router(socket_type::router, {.router_handover = true, .seed = 1});
  router.attach({0, 1}, "A");
  const auto second = router.attach({1, 1}, "A");
  EXPECT_FALSE(second.refused);
  EXPECT_EQ(second.hand_over, (peer_id{0, 1}));
  EXPECT_EQ(router.slots({"A", "x"}), slots{1});
  router->set_readable({0, 1}, true);  // what the old connection still had
  const auto left = router.arrive({0, 1}, {"x"});
  ASSERT_EQ(left.kind, receive_kind::deliver);
  EXPECT_EQ(left.prepend->size(), 5U);
  router->detach({0, 1});
  router->detach({0, 1});
  EXPECT_EQ(router.slots({"A", "x"}), slots{1});
  EXPECT_FALSE(router->can_receive());
}

TEST(router, does_not_hand_over_to_an_id_that_the_application_assigned) {
  bench router(socket_type::router, {.router_handover = true, .seed = 1});
  router.attach({0, 1}, "A");
  EXPECT_TRUE(router.attach({1, 1}, "A", true).refused);
  EXPECT_FALSE(router.attach({2, 1}, "B", true).refused);
  EXPECT_EQ(router.slots({"B", "x"}), slots{2});
}

TEST(router, queues_fairly_while_peers_come_and_go) {
  bench router(socket_type::router);
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    router.attach({slot, 1});
    router->set_readable({slot, 1}, true);
  }
  const auto next = [&] {
    const peer_id peer = router->next_source();
    EXPECT_EQ(router.arrive(peer, {"x"}).kind, receive_kind::deliver);
    return peer.slot;
  };
  EXPECT_EQ(next(), 0U);
  router->detach({1, 1});
  EXPECT_EQ(next(), 2U);
  router.attach({1, 2});
  router->set_readable({1, 1}, true);  // stale
  EXPECT_EQ(next(), 0U);
  router->set_readable({1, 2}, true);
  EXPECT_EQ(next(), 2U);
  EXPECT_EQ(next(), 0U);
  EXPECT_EQ(next(), 1U);
}

TEST(router, probes_with_an_empty_message) {
  bench router(socket_type::router, {.probe_router = true, .seed = 1});
  EXPECT_EQ(router.attach({0, 1}).greetings.size(), 1U);
}

}  // namespace
}  // namespace monocoque::pattern
