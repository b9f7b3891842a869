#include "pattern/xsub.hpp"

#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <set>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;
using testing::text_of;

const std::string add_a = "\1A";
const std::string cut_a("\0A", 2);

std::multiset<std::string> subscriptions_of(bench& socket) {
  std::multiset<std::string> found;
  socket->for_each_subscription([&](std::span<const std::byte> topic) { found.insert(text_of(topic)); });
  return found;
}

TEST(sub, tells_all_peers_the_first_subscription_and_the_last_cancellation) {
  bench sub(socket_type::sub);
  sub.attach({0, 1});
  sub.attach({1, 1});
  sub->set_writable({1, 1}, false);
  const auto first = sub->subscribe(raw("A"), true);
  EXPECT_EQ(first.kind, send_kind::subscription);
  EXPECT_TRUE(first.add);
  EXPECT_EQ(bytes::copy(first.topic), "A");
  EXPECT_EQ(bench::slots_of(first), (slots{0, 1})) << "full or not";
  EXPECT_EQ(sub->subscribe(raw("A"), true).kind, send_kind::consumed);
  EXPECT_EQ(sub->subscribe(raw("A"), false).kind, send_kind::consumed);
  EXPECT_EQ(subscriptions_of(sub), std::multiset<std::string>{"A"});
  const auto last = sub->subscribe(raw("A"), false);
  EXPECT_EQ(last.kind, send_kind::subscription);
  EXPECT_FALSE(last.add);
  EXPECT_EQ(sub->subscribe(raw("A"), false).kind, send_kind::consumed);
  EXPECT_TRUE(subscriptions_of(sub).empty());
}

TEST(sub, filters) {
  bench sub(socket_type::sub);
  sub.attach({0, 1});
  const auto takes = [&](const std::string& text) {
    return sub.arrive({0, 1}, {text, "body"}).kind == receive_kind::deliver;
  };
  EXPECT_FALSE(takes(""));
  static_cast<void>(sub->subscribe(raw("AB"), true));
  EXPECT_TRUE(takes("AB"));
  EXPECT_TRUE(takes("ABC"));
  EXPECT_FALSE(takes("A"));
  static_cast<void>(sub->subscribe({}, true));
  EXPECT_TRUE(takes("A"));
  EXPECT_TRUE(takes(""));
  static_cast<void>(sub->subscribe({}, false));
  EXPECT_FALSE(takes("A"));
}

TEST(sub, inverted_takes_what_does_not_match) {
  bench sub(socket_type::sub, {.invert_matching = true, .seed = 1});
  sub.attach({0, 1});
  static_cast<void>(sub->subscribe(raw("A"), true));
  EXPECT_EQ(sub.arrive({0, 1}, {"A"}).kind, receive_kind::drop);
  EXPECT_EQ(sub.arrive({0, 1}, {"B"}).kind, receive_kind::deliver);
  static_cast<void>(sub->subscribe({}, true));
  EXPECT_EQ(sub.arrive({0, 1}, {"B"}).kind, receive_kind::drop);
}

TEST(sub, sends_nothing_and_queues_fairly) {
  bench sub(socket_type::sub);
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    sub.attach({slot, 1});
    sub->set_readable({slot, 1}, true);
  }
  EXPECT_EQ(sub.send({add_a}).kind, send_kind::not_supported);
  EXPECT_FALSE(sub->can_send());
  EXPECT_TRUE(sub->can_receive());
  EXPECT_EQ(sub->next_source().slot, 0U);
  EXPECT_EQ(sub.arrive({0, 1}, {"x"}).kind, receive_kind::drop);
  EXPECT_EQ(sub->next_source().slot, 1U);
}

TEST(xsub, subscribes_by_message) {
  bench xsub(socket_type::xsub);
  xsub.attach({0, 1});
  const auto verdict = xsub.send({add_a});
  EXPECT_EQ(verdict.kind, send_kind::subscription);
  EXPECT_EQ(bytes::copy(verdict.topic), "A");
  EXPECT_TRUE(verdict.add);
  EXPECT_EQ(xsub.send({add_a}).kind, send_kind::consumed);
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::consumed);
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::subscription);
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::consumed);
}

TEST(xsub, sends_other_messages_to_all_and_filters_nothing) {
  bench xsub(socket_type::xsub);
  EXPECT_EQ(xsub.send({"x"}).kind, send_kind::drop);
  for (std::uint32_t slot = 0; slot < 3; ++slot) xsub.attach({slot, 1});
  xsub->set_writable({1, 1}, false);
  const auto sent = xsub.send({"hello", "world"});
  EXPECT_EQ(bench::slots_of(sent), (slots{0, 2}));
  EXPECT_EQ(sent.dropped, 1U);
  EXPECT_EQ(xsub.slots({""}), (slots{0, 2}));
  EXPECT_EQ(xsub.arrive({0, 1}, {"x"}).kind, receive_kind::deliver);
  EXPECT_TRUE(xsub->can_send());
}

TEST(xsub, counts_the_subscriptions_in_a_message_of_several_frames) {
  bench xsub(socket_type::xsub);
  xsub.attach({0, 1});
  EXPECT_EQ(xsub.send({"hello", add_a}).kind, send_kind::pass);
  EXPECT_EQ(subscriptions_of(xsub), std::multiset<std::string>{"A"});
}

TEST(xsub, verbose_unsubscribe_tells_everything) {
  bench xsub(socket_type::xsub, {.xsub_verbose_unsubscribe = true, .seed = 1});
  xsub.attach({0, 1});
  for (const auto& text : {cut_a, add_a, add_a, cut_a, cut_a}) {
    EXPECT_EQ(xsub.send({text}).kind, send_kind::subscription);
  }
}

TEST(xsub, as_libzmq_tells_every_subscription_but_only_the_last_cancellation) {
  bench xsub(socket_type::xsub, {.subscriptions_as_libzmq = true, .seed = 1});
  xsub.attach({0, 1});
  EXPECT_EQ(xsub.send({add_a}).kind, send_kind::subscription);
  EXPECT_EQ(xsub.send({add_a}).kind, send_kind::subscription);
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::consumed);
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::subscription);
}

TEST(xsub, a_peer_that_has_gone_is_told_nothing) {
  bench xsub(socket_type::xsub);
  xsub.attach({0, 1});
  xsub.attach({1, 1});
  xsub->detach({0, 1});
  EXPECT_EQ(bench::slots_of(xsub.send({add_a})), slots{1});
}

TEST(sub, needs_not_be_asked_about_the_only_source_if_it_takes_everything) {
  bench sub(socket_type::sub);
  sub.attach({0, 1});
  sub->set_readable({0, 1}, true);
  EXPECT_FALSE(sub->sole_source().valid());
  EXPECT_EQ(sub->sole_filtered_source(), (peer_id{0, 1}));
  EXPECT_FALSE(sub->lets_in(raw("A")));
  static_cast<void>(sub->subscribe(raw("A"), true));
  EXPECT_EQ(sub->sole_filtered_source(), (peer_id{0, 1}));
  EXPECT_TRUE(sub->lets_in(raw("AB")));
  EXPECT_FALSE(sub->lets_in(raw("B")));
  static_cast<void>(sub->subscribe({}, true));
  EXPECT_EQ(sub->sole_source(), (peer_id{0, 1}));
  EXPECT_FALSE(sub->sole_filtered_source().valid());
  sub.attach({1, 1});
  sub->set_readable({1, 1}, true);
  EXPECT_FALSE(sub->sole_source().valid()) << "two of them";
  sub->set_readable({0, 1}, false);
  EXPECT_EQ(sub->sole_source(), (peer_id{1, 1}));
  static_cast<void>(sub->subscribe({}, false));
  EXPECT_FALSE(sub->sole_source().valid());
  sub->detach({1, 1});
  EXPECT_FALSE(sub->sole_filtered_source().valid());
}

TEST(sub, that_inverts_takes_everything_while_it_has_no_subscription) {
  bench sub(socket_type::sub, {.invert_matching = true, .seed = 1});
  sub.attach({0, 1});
  sub->set_readable({0, 1}, true);
  EXPECT_EQ(sub->sole_source(), (peer_id{0, 1}));
  static_cast<void>(sub->subscribe(raw("A"), true));
  EXPECT_FALSE(sub->sole_source().valid());
  EXPECT_FALSE(sub->lets_in(raw("A")));
  EXPECT_TRUE(sub->lets_in(raw("B")));
  static_cast<void>(sub->subscribe({}, true));
  EXPECT_FALSE(sub->sole_source().valid());
  EXPECT_FALSE(sub->lets_in(raw("B")));
}

TEST(xsub, takes_frames_behind_another_for_subscriptions_unless_told_not_to) {
  for (const bool only_first : {false, true}) {
    bench xsub(socket_type::xsub, {.only_first_subscribe = only_first, .seed = 1});
    xsub.attach({0, 1});
    EXPECT_EQ(xsub.slots({"text", add_a}), slots{0});
    EXPECT_EQ(subscriptions_of(xsub).size(), only_first ? 0U : 1U);
    EXPECT_EQ(xsub.slots({add_a, "\1B"}), slots{0});
    EXPECT_EQ(subscriptions_of(xsub), (std::multiset<std::string>{"A", "B"}));
    EXPECT_EQ(xsub->topic_count(), 2U);
  }
}

}  // namespace
}  // namespace monocoque::pattern
