// What each socket type does, and what it refuses.

#include "tests/socket/any_socket.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <set>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

template <class Socket>
concept sends = requires(Socket& socket) { socket.send("x"); };
template <class Socket>
concept receives = requires(Socket& socket) { socket.receive(); };
template <class Socket>
concept subscribes = requires(Socket& socket) { socket.subscribe("x"); };

// What a type cannot do does not compile.
static_assert(sends<push> && !receives<push> && !sends<pull> && receives<pull>);
static_assert(sends<pub> && !receives<pub> && !sends<sub> && receives<sub>);
static_assert(sends<req> && receives<req> && sends<rep> && receives<rep> && sends<pair> && receives<pair>);
static_assert(sends<xpub> && receives<xpub> && sends<xsub> && receives<xsub>);
static_assert(subscribes<sub> && subscribes<xsub> && !subscribes<pub> && !subscribes<pull>);

TEST(socket_types, know_their_type) {
  context ctx;
  for (int i = 0; i <= static_cast<int>(socket_type::xsub); ++i) {
    const auto type = static_cast<socket_type>(i);
    EXPECT_EQ(any_socket::make(type, ctx)->base().type(), type);
  }
}

TEST(req_and_rep, take_strict_turns) {
  context ctx;
  rep server(ctx);
  server.bind("tcp://127.0.0.1:0");
  req client(ctx);
  client.connect(server.last_endpoint());

  EXPECT_EQ(client.receive(as_result).error(), errc::wrong_state);
  EXPECT_EQ(code_thrown_by([&] { server.send("unasked"); }), errc::wrong_state);
  message early("x");
  EXPECT_EQ(server.try_send(as_result, early).error(), errc::wrong_state);
  EXPECT_EQ(early.view(), "x");
  EXPECT_FALSE(client.can_receive());
  EXPECT_FALSE(server.can_send());

  client.send(message::of({"question", "second frame"}));
  EXPECT_EQ(code_thrown_by([&] { client.send("impatient"); }), errc::wrong_state);
  EXPECT_EQ(must_receive(server), message::of({"question", "second frame"}));
  EXPECT_EQ(server.receive(as_result).error(), errc::wrong_state);
  server.send("answer");
  EXPECT_EQ(must_receive(client).view(), "answer");
  EXPECT_EQ(client.receive(as_result).error(), errc::wrong_state);
}

TEST(req, relaxed_may_ask_again_and_correlated_takes_the_right_answer) {
  context ctx;
  router server(ctx);
  server.bind("tcp://127.0.0.1:0");
  req client(ctx, {.req_relaxed = true, .req_correlate = true});
  client.connect(server.last_endpoint());
  client.send("first");
  message first = must_receive(server);
  client.send("second");
  message second = must_receive(server);
  ASSERT_EQ(first.size(), 4U);  // routing id, request id, delimiter, body
  EXPECT_EQ(first[3], "first");
  EXPECT_FALSE(first[1] == second[1]);
  server.send(std::move(first));
  server.send(std::move(second));
  EXPECT_EQ(must_receive(client).view(), "second");
}

TEST(rep, keeps_the_whole_envelope) {
  context ctx;
  rep server(ctx);
  server.bind("tcp://127.0.0.1:0");
  dealer client(ctx);
  client.connect(server.last_endpoint());
  client.send(message::of({"hop 1", "hop 2", "", "question"}));
  EXPECT_EQ(must_receive(server).view(), "question");
  server.send("answer");
  EXPECT_EQ(must_receive(client), message::of({"hop 1", "hop 2", "", "answer"}));
}

TEST(push, deals_out_in_turn_and_pull_takes_from_all) {
  context ctx;
  push source(ctx);
  monitor events = source.monitor();
  source.bind("tcp://127.0.0.1:0");
  std::vector<pull> sinks;
  for (int i = 0; i < 3; ++i) {
    sinks.emplace_back(ctx);
    sinks.back().connect(source.last_endpoint());
  }
  await_handshakes(events, 3);
  for (int i = 0; i < 30; ++i) source.send(std::to_string(i));
  std::set<std::string> seen;
  for (pull& sink : sinks) {
    for (int i = 0; i < 10; ++i) seen.insert(must_receive(sink).str());
  }
  EXPECT_EQ(seen.size(), 30U);
}

TEST(router, drops_what_it_cannot_route_unless_mandatory) {
  context ctx;
  router lax(ctx);
  lax.send(message::of({"nobody", "x"}));  // as libzmq: dropped
  router strict(ctx, {.router_mandatory = true});
  message what = message::of({"nobody", "x"});
  EXPECT_EQ(strict.send(as_result, what).error(), errc::unroutable);
  EXPECT_EQ(what.size(), 2U);
}

TEST(router, is_told_of_new_peers_by_a_probe) {
  context ctx;
  router hub(ctx);
  hub.bind("tcp://127.0.0.1:0");
  dealer peer(ctx, {.routing_id = bytes::copy("me"), .probe_router = true});
  peer.connect(hub.last_endpoint());
  EXPECT_EQ(must_receive(hub), message::of({"me", ""}));
}

TEST(pair, talks_both_ways) {
  context ctx;
  pair one(ctx), other(ctx);
  one.bind("tcp://127.0.0.1:0");
  other.connect(one.last_endpoint());
  one.send("ping");
  EXPECT_EQ(must_receive(other).view(), "ping");
  other.send("pong");
  EXPECT_EQ(must_receive(one).view(), "pong");
}

class subscriptions : public testing::TestWithParam<const char*> {
 protected:
  subscriptions() {
    feed_.bind(GetParam());
    place_ = feed_.last_endpoint();
  }
  context ctx_;
  xpub feed_{ctx_};
  std::string place_;
};

TEST_P(subscriptions, are_prefixes_and_counted) {
  sub reader(ctx_);
  reader.connect(place_);
  reader.subscribe("a");
  EXPECT_EQ(must_receive(feed_).view(),
            "\x01"
            "a");
  reader.subscribe("a");
  reader.unsubscribe("a");
  feed_.send("abc");
  EXPECT_EQ(must_receive(reader).view(), "abc") << "subscribed twice, cancelled once";
  reader.unsubscribe("a");
  EXPECT_EQ(must_receive(feed_).view(), std::string_view("\0a", 2));
  reader.unsubscribe("a");  // nothing to cancel: nothing happens
  reader.subscribe("z");
  EXPECT_EQ(must_receive(feed_).view(), "\x01z");
  feed_.send("abc");
  feed_.send("z");
  EXPECT_EQ(must_receive(reader).view(), "z");
}

TEST_P(subscriptions, match_the_first_frame_of_several) {
  sub reader(ctx_);
  reader.connect(place_);
  reader.subscribe("topic");
  (void)must_receive(feed_);
  feed_.send(message::of({"other", "topic"}));
  feed_.send(message::of({"topic", "body"}));
  EXPECT_EQ(must_receive(reader), message::of({"topic", "body"}));
}

TEST_P(subscriptions, a_message_comes_once_however_many_match) {
  sub reader(ctx_);
  reader.connect(place_);
  for (const char* topic : {"", "a", "ab"}) reader.subscribe(topic);
  for (int i = 0; i < 3; ++i) (void)must_receive(feed_);
  feed_.send("abc");
  feed_.send("end");
  EXPECT_EQ(must_receive(reader).view(), "abc");
  EXPECT_EQ(must_receive(reader).view(), "end");
}

TEST_P(subscriptions, made_by_xsub_messages) {
  xsub reader(ctx_);
  reader.connect(place_);
  reader.send("\x01topic");
  EXPECT_EQ(must_receive(feed_).view(), "\x01topic");
  feed_.send("topic!");
  EXPECT_EQ(must_receive(reader).view(), "topic!");
  reader.unsubscribe("topic");
  EXPECT_EQ(must_receive(feed_).view(), std::string_view("\0topic", 6));
  reader.send("just a message");
  EXPECT_EQ(must_receive(feed_).view(), "just a message");
}

TEST_P(subscriptions, of_several_readers_are_reported_once) {
  sub one(ctx_), two(ctx_);
  one.subscribe("a");
  one.connect(place_);
  EXPECT_EQ(must_receive(feed_).view(),
            "\x01"
            "a");
  two.subscribe("a");
  two.subscribe("b");
  two.connect(place_);
  EXPECT_EQ(must_receive(feed_).view(),
            "\x01"
            "b");
}

INSTANTIATE_TEST_SUITE_P(all, subscriptions, testing::Values("tcp://127.0.0.1:0", "inproc://feed"),
                         [](const auto& parameter) {
                           const std::string endpoint = parameter.param;
                           return endpoint.substr(0, endpoint.find(':'));
                         });

TEST(xpub, verbose_reports_every_subscription) {
  context ctx;
  xpub feed(ctx, {.report_subscriptions = subscription_reports::verbose});
  feed.bind("tcp://127.0.0.1:0");
  std::vector<sub> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back(ctx);
    readers.back().subscribe("a");
    readers.back().connect(feed.last_endpoint());
    EXPECT_EQ(must_receive(feed).view(),
              "\x01"
              "a");
  }
}

TEST(xpub, welcomes_new_subscribers) {
  context ctx;
  xpub feed(ctx, {.welcome_message = bytes::copy("welcome")});
  feed.bind("tcp://127.0.0.1:0");
  sub reader(ctx);
  reader.subscribe("welcome");
  reader.connect(feed.last_endpoint());
  EXPECT_EQ(must_receive(reader).view(), "welcome");
}

TEST(xpub, manual_subscribes_as_the_application_says) {
  context ctx;
  xpub feed(ctx, {.report_subscriptions = subscription_reports::manual});
  feed.bind("tcp://127.0.0.1:0");
  sub reader(ctx);
  reader.subscribe("");  // so that everything the other side sends passes the filter here
  reader.connect(feed.last_endpoint());
  EXPECT_EQ(must_receive(feed).view(), "\x01");
  feed.subscribe_last_peer("granted");
  feed.send("asked for");
  feed.send("granted");
  EXPECT_EQ(must_receive(reader).view(), "granted");
}

TEST(xpub, last_value_goes_to_the_newest_subscriber_only) {
  context ctx;
  xpub feed(ctx, {.report_subscriptions = subscription_reports::last_value});
  feed.bind("tcp://127.0.0.1:0");
  sub old_reader(ctx), new_reader(ctx);
  for (sub* reader : {&old_reader, &new_reader}) {
    reader->subscribe("t");
    reader->connect(feed.last_endpoint());
    EXPECT_EQ(must_receive(feed).view(), "\x01t");
    feed.subscribe_last_peer("t");
    feed.send("t for the newest");
    EXPECT_EQ(must_receive(*reader).view(), "t for the newest");
  }
  EXPECT_FALSE(old_reader.receive_for(brief));
}

TEST(xpub, refuses_manual_calls_in_another_mode) {
  context ctx;
  xpub feed(ctx);
  EXPECT_FALSE(feed.subscribe_last_peer(as_result, "x"));
}

TEST(pub_and_sub, may_match_inversely) {
  context ctx;
  xpub feed(ctx, {.invert_matching = true});
  feed.bind("tcp://127.0.0.1:0");
  sub reader(ctx, {.invert_matching = true});
  reader.subscribe("secret");
  reader.connect(feed.last_endpoint());
  (void)must_receive(feed);
  feed.send("secret plan");
  feed.send("news");
  EXPECT_EQ(must_receive(reader).view(), "news");
}

TEST(pub, drops_for_nobody_without_counting_it) {
  context ctx;
  pub feed(ctx);
  feed.bind("tcp://127.0.0.1:0");
  for (int i = 0; i < 10; ++i) feed.send("to nobody");
  EXPECT_EQ(feed.dropped_count(), 0U);
}

TEST(conflate, keeps_the_newest_message) {
  context ctx;
  pull sink(ctx, {.conflate = true});
  monitor events = sink.monitor();
  sink.bind("tcp://127.0.0.1:0");
  push source(ctx);
  source.connect(sink.last_endpoint());
  for (int i = 0; i < 100; ++i) source.send(std::to_string(i));
  source.close(patience);
  (void)await_event(events, event_kind::disconnected);
  EXPECT_EQ(must_receive(sink).view(), "99");
  EXPECT_FALSE(sink.try_receive());
}

}  // namespace
}  // namespace monocoque::test
