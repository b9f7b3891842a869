// Settings that change while a pattern has peers, subscriptions and unanswered requests.
#include "pattern/testing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace monocoque::pattern {
namespace {

using testing::bench;
using testing::raw;
using testing::slots;

const std::string add_a = "\1A", add_b = "\1B";
const std::string cut_a("\0A", 2), cut_b("\0B", 2);

constexpr peer_id first{0, 1}, second{1, 1};

bench with_two_peers(socket_type type, settings options = {}) {
  options.seed = 1;
  bench made(type, options);
  made.attach(first, "first");
  made.attach(second, "second");
  return made;
}

bool subscribe(bench& to, peer_id who, std::string_view topic, bool add = true) {
  return to->on_subscription(who, add, bytes::copy(topic));
}

TEST(change_settings, of_those_who_probe_counts_for_the_next_peer) {
  for (const socket_type type : {socket_type::dealer, socket_type::req, socket_type::router}) {
    bench out = with_two_peers(type);
    out->change_settings({.probe_router = true});
    EXPECT_EQ(out.attach({2, 1}).greetings.size(), 1U) << name_of(type);
    out->change_settings({});
    EXPECT_TRUE(out.attach({3, 1}).greetings.empty()) << name_of(type);
  }
}

TEST(change_settings, of_a_router_counts_for_the_next_message_and_the_next_peer) {
  bench router = with_two_peers(socket_type::router);
  EXPECT_EQ(router.send({"nobody", "x"}).kind, send_kind::drop);
  router->change_settings({.router_mandatory = true, .router_handover = true});
  EXPECT_EQ(router.send({"nobody", "x"}).kind, send_kind::unroutable);
  EXPECT_EQ(router.attach({2, 1}, "first").hand_over, first);
  EXPECT_EQ(router.slots({"second", "x"}), slots{1});
  router->set_writable(second, false);
  EXPECT_EQ(router.send({"second", "x"}).kind, send_kind::would_block);
  router->change_settings({});
  EXPECT_EQ(router.send({"second", "x"}).kind, send_kind::drop);
  EXPECT_TRUE(router.attach({3, 1}, "first").refused);
}

TEST(change_settings, of_a_rep_hands_the_next_id_over) {
  bench rep = with_two_peers(socket_type::rep);
  EXPECT_TRUE(rep.attach({2, 1}, "first").refused);
  rep->change_settings({.router_handover = true});
  EXPECT_EQ(rep.attach({2, 1}, "first").hand_over, first);
}

TEST(change_settings, of_a_req_relaxes_a_request_that_is_out) {
  bench req = with_two_peers(socket_type::req);
  EXPECT_EQ(req.slots({"1"}), slots{0});
  EXPECT_EQ(req.send({"2"}).kind, send_kind::wrong_state);
  req->change_settings({.req_relaxed = true});
  EXPECT_TRUE(req->can_send());
  EXPECT_EQ(req.slots({"2"}), slots{1});
  req->change_settings({});
  EXPECT_EQ(req.arrive(second, {"", "reply"}).kind, receive_kind::deliver);
}

TEST(change_settings, of_a_req_number_the_next_request_and_not_the_one_that_is_out) {
  bench req = with_two_peers(socket_type::req);
  EXPECT_EQ(req.send({"1"}).prefix.size(), 2U);
  req->change_settings({.req_correlate = true});
  EXPECT_EQ(req.arrive(first, {"", "reply"}).kind, receive_kind::deliver);
  const std::string prefix = testing::text_of(req.send({"2"}).prefix);
  EXPECT_EQ(prefix.size(), 8U);
  req->change_settings({});
  EXPECT_EQ(req.arrive(second, {"", "reply"}).kind, receive_kind::drop);
  EXPECT_EQ(req.arrive(second, {prefix.substr(2, 4), "", "reply"}).kind, receive_kind::deliver);
}

// -- publishers

TEST(change_settings, of_a_publisher_count_for_the_next_message) {
  for (const socket_type type : {socket_type::pub, socket_type::xpub}) {
    bench pub = with_two_peers(type);
    subscribe(pub, first, "A");
    EXPECT_EQ(pub.slots({"A"}), slots{0});
    pub->change_settings({.invert_matching = true});
    EXPECT_EQ(pub.slots({"A"}), slots{1});
    EXPECT_EQ(pub.slots({"B"}), (slots{0, 1}));
    pub->set_writable(second, false);
    EXPECT_EQ(pub.send({"B"}).dropped, 1U);
    pub->change_settings({.xpub_no_drop = true, .invert_matching = true});
    EXPECT_EQ(pub.send({"B"}).kind, send_kind::would_block);
    EXPECT_FALSE(pub->can_send());
    pub->change_settings({.xpub_no_drop = true});
    EXPECT_TRUE(pub->can_send()) << "it may match no more";
    EXPECT_EQ(pub.slots({"A"}), slots{0});
  }
}

TEST(change_settings, of_an_only_subscriber_who_takes_everything_is_noticed) {
  bench pub(socket_type::pub);
  pub.attach(first);
  subscribe(pub, first, "");
  EXPECT_EQ(pub.slots({"A"}), slots{0});
  EXPECT_TRUE(pub->sole_target().valid());
  pub->change_settings({.invert_matching = true});
  EXPECT_FALSE(pub->sole_target().valid());
  EXPECT_EQ(pub.send({"A"}).kind, send_kind::drop);
}

TEST(change_settings, limit_the_next_subscription) {
  bench pub = with_two_peers(socket_type::pub);
  for (const char* topic : {"1", "2", "3"}) EXPECT_TRUE(subscribe(pub, first, topic));
  pub->change_settings({.max_subscriptions = 3});
  EXPECT_FALSE(subscribe(pub, first, "4"));
  EXPECT_TRUE(subscribe(pub, second, "1"));
}

TEST(change_settings, of_an_xpub_decide_what_it_tells) {
  bench xpub = with_two_peers(socket_type::xpub);
  subscribe(xpub, first, "A");
  subscribe(xpub, second, "A");
  EXPECT_EQ(xpub.local(), add_a);
  EXPECT_EQ(xpub.local(), "-");
  xpub->change_settings({.xpub_verbose = true});
  subscribe(xpub, second, "A");
  EXPECT_EQ(xpub.local(), add_a);
  subscribe(xpub, second, "A", false);
  EXPECT_EQ(xpub.local(), "-");
  xpub->change_settings({.xpub_verboser = true});
  subscribe(xpub, second, "A", false);
  EXPECT_EQ(xpub.local(), cut_a);
}

TEST(change_settings, of_an_xpub_welcome_the_next_subscriber) {
  bench xpub = with_two_peers(socket_type::xpub);
  xpub->change_settings({.xpub_welcome = bytes::copy(std::string_view("welcome"))});
  const attach_verdict welcomed = xpub.attach({2, 1});
  ASSERT_EQ(welcomed.greetings.size(), 1U);
  EXPECT_EQ(welcomed.greetings.front().str(), "welcome");
}

TEST(change_settings, an_xpub_that_becomes_manual_keeps_what_peers_have_and_asked_for) {
  bench xpub = with_two_peers(socket_type::xpub, {.max_subscriptions = 2});
  EXPECT_TRUE(subscribe(xpub, first, "A"));
  EXPECT_EQ(xpub.local(), add_a);
  xpub->change_settings({.xpub_manual = true, .max_subscriptions = 2});
  EXPECT_EQ(xpub.slots({"A"}), slots{0});
  EXPECT_TRUE(subscribe(xpub, first, "B"));
  EXPECT_FALSE(subscribe(xpub, first, "C")) << "the first counts";
  EXPECT_EQ(xpub.local(), add_b);
  EXPECT_EQ(xpub.send({"B"}).kind, send_kind::drop) << "the application decides";
  EXPECT_TRUE(subscribe(xpub, first, "A", false));
  EXPECT_EQ(xpub.local(), std::string("\1C"));
  EXPECT_EQ(xpub.local(), cut_a);
  EXPECT_EQ(xpub.slots({"A"}), slots{0});
  EXPECT_TRUE(xpub->subscribe_last_peer(raw("A"), false));
  EXPECT_EQ(xpub.send({"A"}).kind, send_kind::drop);
  xpub->detach(first);
  EXPECT_EQ(xpub.local(), std::string("\0C", 2));
  EXPECT_EQ(xpub.local(), cut_b);
  EXPECT_EQ(xpub.local(), "-");
}

TEST(change_settings, an_xpub_that_is_manual_no_more_keeps_what_the_application_made_of_it) {
  bench xpub = with_two_peers(socket_type::xpub, {.xpub_manual = true, .max_subscriptions = 2});
  subscribe(xpub, first, "asked");
  EXPECT_EQ(xpub.local(), std::string("\1asked"));
  EXPECT_TRUE(xpub->subscribe_last_peer(raw("A"), true));
  xpub->change_settings({.max_subscriptions = 2});
  EXPECT_FALSE(xpub->subscribe_last_peer(raw("B"), true));
  EXPECT_EQ(xpub.slots({"A"}), slots{0});
  EXPECT_TRUE(subscribe(xpub, first, "A", false));
  EXPECT_EQ(xpub.local(), cut_a);
  EXPECT_TRUE(subscribe(xpub, first, "asked", false)) << "which it does not have";
  EXPECT_EQ(xpub.local(), "-");
  EXPECT_TRUE(subscribe(xpub, first, "B"));
  EXPECT_TRUE(subscribe(xpub, first, "C"));
  EXPECT_FALSE(subscribe(xpub, first, "D"));
}

// -- subscribers

TEST(change_settings, of_a_sub_turn_its_filter_round) {
  bench sub(socket_type::sub);
  sub.attach(first);
  EXPECT_EQ(sub->subscribe(raw("A"), true).kind, send_kind::subscription);
  EXPECT_EQ(sub.arrive(first, {"A"}).kind, receive_kind::deliver);
  sub->change_settings({.invert_matching = true});
  EXPECT_EQ(sub.arrive(first, {"A"}).kind, receive_kind::drop);
  EXPECT_EQ(sub.arrive(first, {"B"}).kind, receive_kind::deliver);
}

TEST(change_settings, of_a_sub_decide_whether_it_filters_at_all) {
  bench sub(socket_type::sub);
  sub.attach(first);
  sub->set_readable(first, true);
  EXPECT_EQ(sub->subscribe(raw(""), true).kind, send_kind::subscription);
  EXPECT_TRUE(sub->sole_source().valid());
  sub->change_settings({.invert_matching = true});
  EXPECT_FALSE(sub->sole_source().valid());
  EXPECT_TRUE(sub->sole_filtered_source().valid());
  EXPECT_FALSE(sub->lets_in(raw("A")));
}

TEST(change_settings, of_an_xsub_tell_every_cancellation_from_then_on) {
  bench xsub(socket_type::xsub);
  xsub.attach(first);
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::consumed);
  xsub->change_settings({.xsub_verbose_unsubscribe = true});
  EXPECT_EQ(xsub.send({cut_a}).kind, send_kind::subscription);
}

// -- what route would answer

TEST(would_route, changes_nothing_of_a_turn) {
  bench dealer = with_two_peers(socket_type::dealer);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(dealer->would_route({}), send_kind::pass);
  EXPECT_EQ(dealer.slots({"x"}), slots{0});
  EXPECT_EQ(dealer.slots({"x"}), slots{1});
}

TEST(would_route, answers_as_route_does_then) {
  for (const bool no_drop : {false, true}) {
    bench pub = with_two_peers(socket_type::pub, {.xpub_no_drop = no_drop});
    subscribe(pub, first, "A");
    subscribe(pub, second, "B");
    pub->set_writable(second, false);
    EXPECT_EQ(pub->would_route(raw("A")), send_kind::pass);
    EXPECT_EQ(pub->would_route(raw("B")), no_drop ? send_kind::would_block : send_kind::pass);
    EXPECT_EQ(pub.slots({"A"}), slots{0});
    pub->set_writable(second, true);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(pub->would_route(raw("A")), send_kind::pass);
      EXPECT_EQ(pub->would_route(raw("B")), send_kind::pass);
      EXPECT_EQ(pub.slots({"B"}), slots{1});
      EXPECT_EQ(pub.slots({"A"}), slots{0});
    }
  }
}

TEST(would_route, leaves_the_next_message_of_last_value_to_the_newest_subscriber) {
  bench xpub = with_two_peers(socket_type::xpub, {.xpub_manual_last_value = true, .xpub_no_drop = true});
  for (const peer_id peer : {first, second}) {
    subscribe(xpub, peer, "A");
    EXPECT_EQ(xpub.local(), add_a);
    EXPECT_TRUE(xpub->subscribe_last_peer(raw("A"), true));
  }
  EXPECT_EQ(xpub->would_route(raw("A")), send_kind::pass);
  EXPECT_EQ(xpub.slots({"A"}), slots{1});
  EXPECT_EQ(xpub.slots({"A"}), (slots{0, 1}));
}

}  // namespace
}  // namespace monocoque::pattern
