#include "pattern/xpub.hpp"

#include "pattern/testing.hpp"

#include <gtest/gtest.h>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;

const std::string add_a = "\1A", add_b = "\1B";
const std::string cut_a("\0A", 2), cut_b("\0B", 2);

void subscribe(bench& to, std::uint32_t slot, std::string_view topic, bool add = true) {
  to->on_subscription({slot, 1}, add, bytes::copy(topic));
}

bench with_peers(socket_type type, std::uint32_t count, settings options = {}) {
  options.seed = 1;
  bench made(type, options);
  for (std::uint32_t slot = 0; slot < count; ++slot) made.attach({slot, 1});
  return made;
}

TEST(pub, sends_to_each_matching_peer_once) {
  bench pub = with_peers(socket_type::pub, 3);
  EXPECT_EQ(pub.send({"AB"}).kind, send_kind::drop);
  subscribe(pub, 0, "A");
  subscribe(pub, 0, "AB");
  subscribe(pub, 0, "");
  subscribe(pub, 1, "AB");
  EXPECT_EQ(pub.slots({"ABC", "X"}), (slots{0, 1}));
  EXPECT_EQ(pub.slots({"ABC"}), (slots{0, 1}));
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  EXPECT_EQ(pub.slots({""}), slots{0});
  subscribe(pub, 2, "ABC");
  EXPECT_EQ(pub.slots({"ABC"}), (slots{0, 1, 2}));
  pub->detach({0, 1});
  EXPECT_EQ(pub.slots({"ABC"}), (slots{1, 2}));
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::drop);
}

TEST(pub, limits_what_a_peer_may_subscribe_to) {
  for (const socket_type type : {socket_type::pub, socket_type::xpub}) {
    bench pub = with_peers(type, 2, {.max_subscriptions = 2, .max_subscription_size = 100});
    const auto subscribes = [&](std::uint32_t slot, const std::string& topic, bool add = true) {
      return pub->on_subscription({slot, 1}, add, bytes::copy(topic));
    };
    EXPECT_TRUE(subscribes(0, "A"));
    EXPECT_TRUE(subscribes(0, "B"));
    EXPECT_TRUE(subscribes(0, "B")) << "the same again takes no more memory";
    EXPECT_TRUE(subscribes(1, "A"));
    EXPECT_TRUE(subscribes(0, "A", false));
    EXPECT_TRUE(subscribes(0, "never had", false));
    EXPECT_TRUE(subscribes(0, "C"));
    EXPECT_FALSE(subscribes(0, "D"));
    EXPECT_FALSE(subscribes(1, std::string(101, 'x')));
    pub->detach({0, 1});
    pub.attach({0, 2});
    EXPECT_TRUE(pub->on_subscription({0, 2}, true, bytes::copy(std::string(100, 'x'))));
    EXPECT_FALSE(pub->on_subscription({0, 2}, true, bytes::copy("y")));
  }
}

TEST(xpub, limits_what_a_peer_may_ask_for_in_manual_mode) {
  bench xpub = with_peers(socket_type::xpub, 1, {.xpub_manual = true, .max_subscriptions = 1});
  EXPECT_TRUE(xpub->on_subscription({0, 1}, true, bytes::copy("A")));
  (void)xpub->take_local();
  for (const char* topic : {"B", "C", "D"}) {  // the application's own choice is not limited
    EXPECT_TRUE(xpub->subscribe_last_peer(std::as_bytes(std::span(topic, 1)), true));
  }
  EXPECT_FALSE(xpub->on_subscription({0, 1}, true, bytes::copy("E")));
}

TEST(pub, counts_subscriptions_of_a_peer) {
  bench pub = with_peers(socket_type::pub, 1);
  subscribe(pub, 0, "A");
  subscribe(pub, 0, "A");
  subscribe(pub, 0, "A", false);
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  subscribe(pub, 0, "A", false);
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::drop);
}

TEST(pub, forgets_at_the_first_cancellation_if_told_to_do_as_libzmq) {
  bench pub = with_peers(socket_type::pub, 1, {.subscriptions_as_libzmq = true});
  subscribe(pub, 0, "A");
  subscribe(pub, 0, "A");
  subscribe(pub, 0, "A", false);
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::drop);
}

TEST(pub, takes_subscriptions_in_message_form_and_ignores_other_messages) {
  bench pub = with_peers(socket_type::pub, 1);
  EXPECT_TRUE(pub->admits_on_arrival());
  EXPECT_EQ(pub.arrive({0, 1}, {add_a}).kind, receive_kind::consumed);
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  EXPECT_EQ(pub.arrive({0, 1}, {"hello"}).kind, receive_kind::consumed);
  EXPECT_EQ(pub.arrive({0, 1}, {""}).kind, receive_kind::consumed);
  EXPECT_EQ(pub.arrive({0, 1}, {cut_a}).kind, receive_kind::consumed);
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::drop);
  EXPECT_FALSE(pub->can_receive());
  EXPECT_EQ(pub.local(), "-");
  EXPECT_EQ(pub->why_no_source(), errc::not_supported);
}

TEST(pub, leaves_full_peers_out_and_counts_them) {
  bench pub = with_peers(socket_type::pub, 3);
  for (std::uint32_t slot = 0; slot < 3; ++slot) subscribe(pub, slot, "");
  pub->set_writable({1, 1}, false);
  const auto sent = pub.send({"x"});
  EXPECT_EQ(bench::slots_of(sent), (slots{0, 2}));
  EXPECT_EQ(sent.dropped, 1U);
  EXPECT_TRUE(pub->can_send());
  pub->set_writable({1, 1}, true);
  EXPECT_EQ(pub.slots({"x"}), (slots{0, 1, 2}));
}

TEST(pub, no_drop_blocks_instead) {
  bench pub = with_peers(socket_type::pub, 2, {.xpub_no_drop = true});
  subscribe(pub, 0, "A");
  subscribe(pub, 1, "");
  pub->set_writable({0, 1}, false);
  EXPECT_TRUE(pub->can_send());
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::would_block);
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::would_block);
  EXPECT_FALSE(pub->can_send());
  EXPECT_EQ(pub.slots({"B"}), slots{1}) << "the full peer does not want this one";
  pub->set_writable({0, 1}, true);
  EXPECT_TRUE(pub->can_send());
  EXPECT_EQ(pub.slots({"A"}), (slots{0, 1}));
}

TEST(pub, inverted_sends_to_those_that_do_not_match) {
  bench pub = with_peers(socket_type::pub, 3, {.invert_matching = true});
  subscribe(pub, 0, "A");
  subscribe(pub, 1, "");
  EXPECT_EQ(pub.slots({"A"}), slots{2});
  EXPECT_EQ(pub.slots({"B"}), (slots{0, 2}));
  EXPECT_EQ(pub.slots({"B"}), (slots{0, 2}));
}

TEST(pub, a_slots_next_tenant_has_none_of_the_lasts_subscriptions) {
  bench pub = with_peers(socket_type::pub, 1);
  subscribe(pub, 0, "");
  pub->detach({0, 1});
  pub.attach({0, 2});
  subscribe(pub, 0, "");  // late, of epoch 1
  EXPECT_EQ(pub.send({"x"}).kind, send_kind::drop);
}

TEST(xpub, tells_the_first_subscription_and_the_last_cancellation) {
  bench xpub = with_peers(socket_type::xpub, 2);
  subscribe(xpub, 0, "A");
  EXPECT_TRUE(xpub->can_receive());
  EXPECT_EQ(xpub.local(), add_a);
  subscribe(xpub, 0, "A");
  subscribe(xpub, 1, "A");
  EXPECT_EQ(xpub.local(), "-");
  subscribe(xpub, 0, "A", false);
  subscribe(xpub, 0, "A", false);
  subscribe(xpub, 0, "B", false);
  EXPECT_EQ(xpub.local(), "-");
  subscribe(xpub, 1, "A", false);
  EXPECT_EQ(xpub.local(), cut_a);
  EXPECT_FALSE(xpub->can_receive());
}

TEST(xpub, cancels_what_only_a_peer_that_goes_had) {
  bench xpub = with_peers(socket_type::xpub, 2);
  subscribe(xpub, 0, "A");
  subscribe(xpub, 0, "B");
  subscribe(xpub, 0, "B");
  subscribe(xpub, 1, "A");
  while (xpub.local() != "-") {
  }
  xpub->detach({0, 1});
  EXPECT_EQ(xpub.local(), cut_b);
  EXPECT_EQ(xpub.local(), "-");
  xpub->detach({1, 1});
  EXPECT_EQ(xpub.local(), cut_a);
}

TEST(xpub, verbose_tells_every_subscription) {
  bench xpub = with_peers(socket_type::xpub, 2, {.xpub_verbose = true});
  for (int i = 0; i < 2; ++i) subscribe(xpub, 0, "A");
  subscribe(xpub, 1, "A");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(xpub.local(), add_a);
  subscribe(xpub, 1, "A", false);
  EXPECT_EQ(xpub.local(), "-");
}

TEST(xpub, verboser_tells_every_subscription_and_every_cancellation) {
  bench xpub = with_peers(socket_type::xpub, 2, {.xpub_verboser = true});
  for (std::uint32_t slot = 0; slot < 2; ++slot) subscribe(xpub, slot, "A");
  subscribe(xpub, 1, "A", false);
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_EQ(xpub.local(), cut_a);
  subscribe(xpub, 1, "A");
  xpub->detach({0, 1});
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_EQ(xpub.local(), cut_a) << "though the other peer still has it";
}

TEST(xpub, gets_what_its_peers_send_upstream) {
  bench xpub = with_peers(socket_type::xpub, 1);
  EXPECT_EQ(xpub.arrive({0, 1}, {"hello", "world"}).kind, receive_kind::deliver);
  EXPECT_EQ(xpub.arrive({0, 1}, {""}).kind, receive_kind::deliver);
  EXPECT_EQ(xpub.arrive({0, 1}, {add_a}).kind, receive_kind::consumed);
  EXPECT_EQ(xpub.arrive({0, 1}, {add_b, "rest"}).kind, receive_kind::deliver);
  EXPECT_EQ(xpub.local(), "hello|world");
  EXPECT_EQ(xpub.local(), "");
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_EQ(xpub.local(), add_b);
  EXPECT_EQ(xpub.local(), "rest");
  EXPECT_EQ(xpub->why_no_source(), errc::would_block);
}

TEST(xpub, has_room_for_so_many_messages_and_not_more) {
  bench xpub = with_peers(socket_type::xpub, 1);
  for (std::size_t i = 0; i < xpub::room; ++i) {
    ASSERT_TRUE(xpub->has_room());
    static_cast<void>(xpub.arrive({0, 1}, {"x"}));
  }
  EXPECT_FALSE(xpub->has_room());
  EXPECT_EQ(xpub.local(), "x");
  EXPECT_TRUE(xpub->has_room());
}

TEST(xpub, welcomes_each_peer) {
  for (const socket_type type : {socket_type::pub, socket_type::xpub}) {
    bench publisher(type, {.xpub_welcome = bytes::copy("W"), .seed = 1});
    const auto verdict = publisher.attach({0, 1});
    ASSERT_EQ(verdict.greetings.size(), 1U);
    EXPECT_EQ(verdict.greetings[0].view(), "W");
  }
}

TEST(xpub, manual_lets_the_application_decide) {
  bench xpub = with_peers(socket_type::xpub, 2, {.xpub_manual = true});
  subscribe(xpub, 0, "A");
  EXPECT_EQ(xpub.send({"A"}).kind, send_kind::drop);
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_TRUE(xpub->subscribe_last_peer(raw("X"), true));
  EXPECT_EQ(xpub.slots({"X"}), slots{0});
  EXPECT_EQ(xpub.send({"A"}).kind, send_kind::drop);
  subscribe(xpub, 1, "A");
  EXPECT_EQ(xpub.local(), add_a) << "each of them, though it is no new topic";
  subscribe(xpub, 0, "A", false);
  EXPECT_EQ(xpub.local(), cut_a);
  EXPECT_TRUE(xpub->subscribe_last_peer(raw("X"), false));
  EXPECT_EQ(xpub.send({"X"}).kind, send_kind::drop);
  xpub->detach({1, 1});
  EXPECT_EQ(xpub.local(), cut_a) << "what the peer asked for, not what it got";
  EXPECT_TRUE(xpub->subscribe_last_peer(raw("X"), false)) << "of a peer that has gone: nothing to do";
}

TEST(xpub, manual_does_not_subscribe_a_peer_that_went_before_its_message_was_read) {
  bench xpub = with_peers(socket_type::xpub, 1, {.xpub_manual = true});
  subscribe(xpub, 0, "A");
  xpub->detach({0, 1});
  xpub.attach({0, 2});
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_TRUE(xpub->subscribe_last_peer(raw("A"), true));
  EXPECT_EQ(xpub.send({"A"}).kind, send_kind::drop);
}

TEST(xpub, manual_last_value_sends_the_next_message_to_the_newest_subscriber_only) {
  bench xpub = with_peers(socket_type::xpub, 2, {.xpub_manual_last_value = true});
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    subscribe(xpub, slot, "A");
    EXPECT_EQ(xpub.local(), add_a);
    EXPECT_TRUE(xpub->subscribe_last_peer(raw("A"), true));
    EXPECT_EQ(xpub.slots({"A"}), slots{slot});
  }
  EXPECT_EQ(xpub.slots({"A"}), (slots{0, 1}));
}

TEST(xpub, only_manual_mode_lets_the_application_subscribe) {
  bench xpub = with_peers(socket_type::xpub, 1);
  const auto refused = xpub->subscribe_last_peer(raw("A"), true);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error() == errc::not_supported);
}

TEST(pub, says_when_the_same_peers_get_the_next_message) {
  bench pub(socket_type::pub);
  for (const peer_id peer : {peer_id{0, 1}, peer_id{1, 1}, peer_id{2, 1}}) {
    pub.attach(peer);
    pub->on_subscription(peer, true, bytes());
  }
  const send_verdict first = pub.send({"A"});
  EXPECT_NE(first.selection, 0U);
  EXPECT_TRUE(first.for_any_message);
  EXPECT_EQ(pub.send({"B"}).selection, first.selection);
  pub->set_writable({2, 1}, false);
  const send_verdict fewer = pub.send({"A"});
  EXPECT_NE(fewer.selection, first.selection);
  EXPECT_EQ(fewer.dropped, 1U);
  pub->on_subscription({0, 1}, true, bytes::copy("A"));
  const send_verdict some = pub.send({"A"});
  EXPECT_NE(some.selection, fewer.selection);
  EXPECT_FALSE(some.for_any_message);
  EXPECT_NE(pub.send({"B"}).selection, some.selection) << "other topics match";
}

TEST(pub, keeps_its_selection_while_messages_go_to_one_peer_each) {
  bench pub(socket_type::pub, {.seed = 1});
  for (std::uint32_t slot = 0; slot < 3; ++slot) {
    pub.attach({slot, 1});
    subscribe(pub, slot, "all");
    subscribe(pub, slot, std::string(1, static_cast<char>('0' + slot)));
  }
  EXPECT_NE(pub.send({"0"}).selection, 0U) << "perhaps a run";
  const std::uint64_t all = pub.send({"all"}).selection;
  EXPECT_NE(all, 0U);
  for (const std::uint32_t slot : {1U, 2U, 0U, 1U}) {
    const send_verdict one = pub.send({std::string(1, static_cast<char>('0' + slot))});
    EXPECT_EQ(one.selection, 0U);
    EXPECT_EQ(bench::slots_of(one), slots{slot});
    EXPECT_EQ(pub.send({"all"}).selection, all);
  }
  EXPECT_NE(pub.send({"1"}).selection, 0U) << "twice in a row";
  pub->set_writable({2, 1}, false);
  const send_verdict full = pub.send({"2"});
  EXPECT_EQ(full.kind, send_kind::drop);
  EXPECT_EQ(full.dropped, 1U);
  EXPECT_EQ(pub.slots({"0"}), slots{0});
}

TEST(pub, no_drop_blocks_a_message_for_one_full_peer_only) {
  bench pub = with_peers(socket_type::pub, 2, {.xpub_no_drop = true});
  subscribe(pub, 0, "A");
  subscribe(pub, 1, "B");
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  pub->set_writable({1, 1}, false);
  EXPECT_EQ(pub.send({"B"}).kind, send_kind::would_block);
  EXPECT_FALSE(pub->can_send());
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  pub->set_writable({1, 1}, true);
  EXPECT_TRUE(pub->can_send());
  EXPECT_EQ(pub.slots({"B"}), slots{1});
}

TEST(pub, needs_not_be_asked_about_its_only_subscriber_if_that_takes_everything) {
  bench pub(socket_type::pub);
  pub.attach({0, 1});
  pub->on_subscription({0, 1}, true, bytes());
  EXPECT_FALSE(pub->sole_target().valid()) << "not known before the first message";
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  EXPECT_EQ(pub->sole_target(), (peer_id{0, 1}));
  pub->on_subscription({0, 1}, true, bytes::copy("A"));
  EXPECT_FALSE(pub->sole_target().valid());
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  EXPECT_FALSE(pub->sole_target().valid()) << "what matches may be another topic each time";
  pub->on_subscription({0, 1}, false, bytes::copy("A"));
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  EXPECT_TRUE(pub->sole_target().valid());
  pub->set_writable({0, 1}, false);
  EXPECT_FALSE(pub->sole_target().valid());
  EXPECT_EQ(pub.send({"A"}).dropped, 1U);
}

TEST(xpub, with_last_value_asks_again_after_a_subscription_was_taken) {
  bench xpub(socket_type::xpub, {.xpub_manual_last_value = true, .seed = 1});
  xpub.attach({0, 1});
  xpub->on_subscription({0, 1}, true, bytes());
  EXPECT_EQ(xpub.local(), std::string("\1"));
  EXPECT_TRUE(xpub->subscribe_last_peer({}, true));
  EXPECT_EQ(xpub.send({"A"}).selection, 0U) << "for one only, once";
  EXPECT_EQ(xpub.slots({"A"}), slots{0});
  EXPECT_TRUE(xpub->sole_target().valid());
  xpub->on_subscription({0, 1}, true, bytes::copy("A"));
  EXPECT_EQ(xpub.local(), std::string("\1A"));
  EXPECT_FALSE(xpub->sole_target().valid());
}

TEST(pub, takes_frames_behind_another_for_subscriptions_unless_told_not_to) {
  for (const socket_type type : {socket_type::pub, socket_type::xpub}) {
    for (const bool only_first : {false, true}) {
      bench pub = with_peers(type, 1, {.only_first_subscribe = only_first});
      static_cast<void>(pub.arrive({0, 1}, {"text", add_a}));
      EXPECT_EQ(pub->topic_count(), only_first ? 0U : 1U);
      if (only_first && type == socket_type::xpub) {
        const auto told = pub->take_local();
        ASSERT_TRUE(told.has_value());
        ASSERT_EQ(told->size(), 2U);
        EXPECT_EQ(told->view(1), add_a) << "as it was";
      }
      static_cast<void>(pub.arrive({0, 1}, {add_b, add_a}));
      EXPECT_EQ(pub->topic_count(), 2U);
    }
  }
}

}  // namespace
}  // namespace monocoque::pattern
