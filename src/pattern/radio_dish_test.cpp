#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;

bytes group(std::string_view name) { return bytes::copy(name); }

/// Peers in slots 0, 1 and 2; the first has joined "tv", the second "tv" and "movies", the third nothing.
class radio_with_three : public ::testing::Test {
 protected:
  radio_with_three() {
    for (std::uint32_t slot = 0; slot < 3; ++slot) radio.attach({slot, 1});
    radio->on_subscription({0, 1}, true, group("tv"));
    radio->on_subscription({1, 1}, true, group("tv"));
    radio->on_subscription({1, 1}, true, group("movies"));
  }
  bench radio{socket_type::radio};
};

TEST_F(radio_with_three, sends_to_whoever_has_joined_just_this_group) {
  EXPECT_EQ(radio.slots({"tv", "x"}), (slots{0, 1}));
  EXPECT_EQ(radio.slots({"movies", "x"}), slots{1});
  for (const std::string_view other : {"t", "tvs", "", "movie", "movies!"})
    EXPECT_EQ(radio.send({other, "x"}).kind, send_kind::drop) << other;
  EXPECT_FALSE(radio->sole_target().valid());
}

TEST_F(radio_with_three, forgets_a_group_with_its_last_leave) {
  radio->on_subscription({0, 1}, true, group("tv"));
  radio->on_subscription({0, 1}, false, group("tv"));
  EXPECT_EQ(radio.slots({"tv", "x"}), (slots{0, 1}));
  radio->on_subscription({0, 1}, false, group("tv"));
  EXPECT_EQ(radio.slots({"tv", "x"}), slots{1});
  radio->on_subscription({0, 1}, false, group("tv"));
  EXPECT_EQ(radio.slots({"tv", "x"}), slots{1});
}

TEST_F(radio_with_three, answers_the_same_selection_until_something_changes) {
  const auto first = radio.send({"tv", "x"}).selection;
  EXPECT_NE(first, 0U);
  EXPECT_EQ(radio.send({"tv", "y"}).selection, first);
  EXPECT_FALSE(radio.send({"tv", "y"}).for_any_message);
  radio->set_writable({0, 1}, false);
  const send_verdict without = radio.send({"tv", "z"});
  EXPECT_EQ(bench::slots_of(without), slots{1});
  EXPECT_EQ(without.dropped, 1U);
  radio->detach({0, 1});
  EXPECT_EQ(radio.send({"tv", "z"}).dropped, 0U);
}

TEST_F(radio_with_three, a_peer_that_takes_all_gets_all_once) {
  static_cast<void>(radio->attach({3, 1}, {.takes_all = true}));
  radio->set_writable({3, 1}, true);
  EXPECT_EQ(radio.slots({"tv", "x"}), (slots{0, 1, 3}));
  EXPECT_EQ(radio.slots({"nobody's", "x"}), slots{3});
  EXPECT_EQ(radio.send({"tv", "x"}).selection, 0U);
  radio->set_writable({3, 1}, false);
  EXPECT_EQ(radio.send({"nobody's", "x"}).dropped, 1U);
  radio->detach({3, 1});
  EXPECT_EQ(radio.send({"nobody's", "x"}).kind, send_kind::drop);
  EXPECT_EQ(radio.send({"nobody's", "x"}).dropped, 0U);
}

TEST_F(radio_with_three, waits_for_full_peers_if_it_is_not_to_drop) {
  radio->change_settings({.xpub_no_drop = true, .invert_matching = true, .seed = 1});
  radio->set_writable({1, 1}, false);
  EXPECT_EQ(radio.send({"movies", "x"}).kind, send_kind::would_block);
  EXPECT_FALSE(radio->can_send());
  EXPECT_EQ(radio->would_route(raw("movies")), send_kind::would_block);
  EXPECT_EQ(radio.send({"news", "x"}).kind, send_kind::drop) << "there is no inverted matching of groups";
  radio->set_writable({1, 1}, true);
  EXPECT_EQ(radio.slots({"movies", "x"}), slots{1});
}

TEST_F(radio_with_three, takes_messages_of_a_group_and_a_payload_alone) {
  EXPECT_EQ(radio.send({"tv"}).kind, send_kind::invalid);
  EXPECT_EQ(radio->route_by_topic(raw("tv")).kind, send_kind::invalid);
  EXPECT_EQ(radio.send({"tv", "x", "y"}).kind, send_kind::invalid);
  EXPECT_EQ(radio.send({std::string(256, 'g'), "x"}).kind, send_kind::invalid);
  EXPECT_EQ(radio.send({std::string(255, 'g'), "x"}).kind, send_kind::drop);
}

TEST_F(radio_with_three, hears_no_messages) {
  EXPECT_EQ(radio.arrive({2, 1}, {"\1tv"}).kind, receive_kind::consumed);
  EXPECT_EQ(radio.slots({"tv", "x"}), (slots{0, 1}));
  EXPECT_FALSE(radio->can_receive());
  EXPECT_EQ(radio->why_no_source(), errc::not_supported);
}

TEST(radio, bounds_the_groups_of_a_peer) {
  bench radio(socket_type::radio, {.max_subscriptions = 2, .max_subscription_size = 8, .seed = 1});
  radio.attach({0, 1});
  EXPECT_TRUE(radio->on_subscription({0, 1}, true, group("1234")));
  EXPECT_TRUE(radio->on_subscription({0, 1}, true, group("12")));
  EXPECT_FALSE(radio->on_subscription({0, 1}, true, group("1")));
  EXPECT_TRUE(radio->on_subscription({0, 1}, false, group("1")));
  EXPECT_TRUE(radio->on_subscription({0, 1}, false, group("12")));
  EXPECT_FALSE(radio->on_subscription({0, 1}, true, group("12345")));
}

TEST(dish, joins_and_leaves_a_group_once) {
  bench dish(socket_type::dish);
  dish.attach({0, 1});
  const send_verdict joined = dish->subscribe(raw("tv"), true);
  EXPECT_EQ(joined.kind, send_kind::subscription);
  EXPECT_TRUE(joined.add);
  EXPECT_EQ(bench::slots_of(joined), slots{0});
  EXPECT_EQ(dish->subscribe(raw("tv"), true).kind, send_kind::invalid);
  EXPECT_EQ(dish->subscribe(raw("t"), false).kind, send_kind::invalid);
  EXPECT_EQ(dish->subscribe(raw("tv"), false).kind, send_kind::subscription);
  EXPECT_EQ(dish->subscribe(raw("tv"), false).kind, send_kind::invalid);
}

TEST(dish, a_groups_name_has_at_most_255_octets) {
  bench dish(socket_type::dish);
  EXPECT_EQ(dish->subscribe(raw(std::string(255, 'g')), true).kind, send_kind::subscription);
  EXPECT_EQ(dish->subscribe(raw(std::string(256, 'g')), true).kind, send_kind::invalid);
  EXPECT_EQ(dish->subscribe({}, true).kind, send_kind::subscription);
}

TEST(dish, tells_a_new_peer_what_it_has_joined) {
  bench dish(socket_type::dish);
  static_cast<void>(dish->subscribe(raw("tv"), true));
  static_cast<void>(dish->subscribe(raw("news"), true));
  static_cast<void>(dish->subscribe(raw("tv"), false));
  std::string told;
  dish->for_each_subscription([&](std::span<const std::byte> name) { told += testing::text_of(name) + ' '; });
  EXPECT_EQ(told, "news ");
}

TEST(dish, drops_what_it_has_not_joined) {
  bench dish(socket_type::dish);
  dish.attach({0, 1});
  dish->set_readable({0, 1}, true);
  static_cast<void>(dish->subscribe(raw("tv"), true));
  EXPECT_TRUE(dish->is_selective());
  EXPECT_FALSE(dish->sole_source().valid());
  EXPECT_FALSE(dish->sole_filtered_source().valid()) << "each message is to be looked at whole";
  EXPECT_EQ(dish.arrive({0, 1}, {"tv", "x"}).kind, receive_kind::deliver);
  EXPECT_EQ(dish.arrive({0, 1}, {"tv", "x"}).skip_bytes, 0U);
  for (const std::string other : {"t", "tvs", ""})
    EXPECT_EQ(dish.arrive({0, 1}, {other, "x"}).kind, receive_kind::drop) << other;
}

TEST(dish, refuses_peers_whose_messages_are_not_a_group_and_a_payload) {
  bench dish(socket_type::dish);
  dish.attach({0, 1});
  static_cast<void>(dish->subscribe(raw("tv"), true));
  EXPECT_EQ(dish.arrive({0, 1}, {"tv"}).kind, receive_kind::refuse);
  EXPECT_EQ(dish.arrive({0, 1}, {"tv", "x", "y"}).kind, receive_kind::refuse);
  EXPECT_EQ(dish.arrive({0, 1}, {"t", "x", "y"}).kind, receive_kind::refuse);
}

TEST(dish, takes_from_its_peers_in_turn) {
  bench dish(socket_type::dish);
  static_cast<void>(dish->subscribe(raw("tv"), true));
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    dish.attach({slot, 1});
    dish->set_readable({slot, 1}, true);
  }
  EXPECT_EQ(dish->next_source().slot, 0U);
  EXPECT_EQ(dish.arrive({0, 1}, {"tv", "x"}).kind, receive_kind::deliver);
  EXPECT_EQ(dish->next_source().slot, 1U);
}

TEST(dish, sends_nothing) {
  bench dish(socket_type::dish);
  dish.attach({0, 1});
  EXPECT_EQ(dish.send({"tv", "x"}).kind, send_kind::not_supported);
  EXPECT_EQ(dish->would_route(raw("tv")), send_kind::not_supported);
  EXPECT_FALSE(dish->can_send());
}

}  // namespace
}  // namespace monocoque::pattern
