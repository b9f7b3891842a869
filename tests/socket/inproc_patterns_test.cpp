// What the patterns make of inproc peers: ids, probes, subscriptions, late replies.

#include "tests/socket/inproc_support.hpp"

#include <gtest/gtest.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class inproc_patterns : public inproc_fixture {};
INSTANTIATE_TEST_SUITE_P(all, inproc_patterns, testing::Values(way::threaded, way::inline_loop), way_name);

TEST_P(inproc_patterns, pair_has_one_peer) {
  pair one(ctx()), two(ctx()), three(ctx());
  monitor events = three.monitor(), bound_events = one.monitor();
  one.bind(place);
  two.connect(place);
  three.connect(place);
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::refused_by_peer);
  EXPECT_EQ(await_event(bound_events, event_kind::handshake_failed).reason, errc::second_peer);
  EXPECT_FALSE(three.try_send("x"));
  EXPECT_FALSE(two.connect(as_result, "inproc://elsewhere")) << "it has its peer";
  two.send("only you");
  EXPECT_EQ(must_receive(one).view(), "only you");
  two.close();
  three.connect(place);
  three.send("at last");
  EXPECT_EQ(must_receive(one).view(), "at last");
}

TEST_P(inproc_patterns, router_refuses_or_hands_over_an_id_in_use) {
  for (const bool hands_over : {false, true}) {
    router hub(ctx(), {.router_handover = hands_over});
    monitor events = hub.monitor();
    hub.bind(place);
    dealer first(ctx(), {.routing_id = bytes::copy("id")}), second(ctx(), {.routing_id = bytes::copy("id")});
    monitor first_events = first.monitor(), second_events = second.monitor();
    first.connect(place);
    second.connect(place);
    EXPECT_EQ(hub.peer_count(), 1U);
    if (hands_over) {
      EXPECT_EQ(await_event(first_events, event_kind::disconnected).reason, errc::peer_disconnected);
      hub.send(message::of({"id", "x"}));
      EXPECT_EQ(must_receive(second).view(), "x");
    } else {
      EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::duplicate_routing_id);
      EXPECT_EQ(await_event(second_events, event_kind::handshake_failed).reason, errc::refused_by_peer);
      hub.send(message::of({"id", "x"}));
      EXPECT_EQ(must_receive(first).view(), "x");
    }
  }
}

TEST_P(inproc_patterns, router_reads_what_a_peer_left_before_what_its_successor_sends) {
  router hub(ctx());
  hub.bind(place);
  hub.bind("tcp://127.0.0.1:0");
  const std::string far = hub.last_endpoint();
  const auto send = [&](const std::string& endpoint, const char* text) {
    dealer peer(ctx(), {.routing_id = bytes::copy("id")});
    monitor events = peer.monitor();
    peer.connect(endpoint);
    peer.send(text);
    peer.send(message::of({text, "2"}));
    peer.close(patience);
  };
  send(place, "first");
  send(place, "second");
  dealer last(ctx(), {.routing_id = bytes::copy("id")});
  last.connect(far);
  last.send("over tcp");
  for (const char* text : {"first", "second"}) {
    EXPECT_EQ(must_receive(hub), message::of({"id", text}));
    EXPECT_EQ(must_receive(hub), message::of({"id", text, "2"}));
  }
  EXPECT_EQ(must_receive(hub), message::of({"id", "over tcp"}));
}

TEST_P(inproc_patterns, router_may_assign_ids_and_is_told_of_new_peers_by_probes) {
  router hub(ctx(), {.router_mandatory = true});
  router worker(ctx(), {.routing_id = bytes::copy("ignored"), .probe_router = true});
  worker.bind(place);
  hub.connect(place, {.routing_id = bytes::copy("mine")});
  EXPECT_EQ(must_receive(hub), message::of({"mine", ""})) << "the probe";
  hub.send(message::of({"mine", "work"}));
  EXPECT_EQ(must_receive(worker)[1], "work");
  EXPECT_EQ(hub.send(as_result, message::of({"nobody", "x"})).error(), errc::unroutable);
  dealer probing(ctx(), {.routing_id = bytes::copy("d"), .probe_router = true});
  probing.connect(place);
  EXPECT_EQ(must_receive(worker), message::of({"d", ""}));
}

TEST_P(inproc_patterns, subscriptions_are_counted_and_in_force_when_the_call_returns) {
  xpub feed(ctx());
  feed.bind(place);
  sub reader(ctx());
  reader.connect(place);
  reader.subscribe("a");
  reader.subscribe("a");
  reader.unsubscribe("a");
  feed.send("a1");
  reader.unsubscribe("a");
  feed.send("a2");
  reader.subscribe("");
  feed.send("all");
  EXPECT_EQ(must_receive(reader).view(), "a1");
  EXPECT_EQ(must_receive(reader).view(), "all");
  EXPECT_EQ(must_receive(feed).view(),
            "\x01"
            "a");
  EXPECT_EQ(must_receive(feed).view(), std::string_view("\0a", 2));
  EXPECT_EQ(must_receive(feed).view(), "\x01");
  reader.close();
  EXPECT_EQ(must_receive(feed).view(), std::string_view("\0", 1));
}

TEST_P(inproc_patterns, xpub_welcomes_and_xsub_talks_back) {
  xpub feed(ctx(), {.welcome_message = bytes::copy("welcome")});
  feed.bind(place);
  xsub reader(ctx());
  reader.connect(place);
  EXPECT_EQ(must_receive(reader).view(), "welcome");
  reader.send("just a message");
  reader.send("\x01topic");
  EXPECT_EQ(must_receive(feed).view(), "just a message");
  EXPECT_EQ(must_receive(feed).view(), "\x01topic");
  feed.send("topic!");
  EXPECT_EQ(must_receive(reader).view(), "topic!");
}

TEST_P(inproc_patterns, subscriptions_that_an_xpub_has_no_room_for_wait) {
  xpub feed(ctx());
  feed.bind(place);
  sub reader(ctx());
  reader.connect(place);
  constexpr int more_than_room = 70'000;
  for (int i = 0; i < more_than_room; ++i) reader.subscribe(std::to_string(i));
  for (int i = 0; i < more_than_room; ++i) ASSERT_EQ(must_receive(feed).view(), "\x01" + std::to_string(i));
  feed.send("69999");
  EXPECT_EQ(must_receive(reader).view(), "69999");
}

TEST_P(inproc_patterns, req_drops_late_replies_and_correlates) {
  router server(ctx());
  server.bind(place);
  req client(ctx(), {.req_relaxed = true, .req_correlate = true});
  client.connect(place);
  client.send("first");
  message first = must_receive(server);
  ASSERT_EQ(first.size(), 4U);
  server.send(first);
  client.send("second");  // the reply to the first is thrown away
  message second = must_receive(server);
  server.send(std::move(first));
  server.send(std::move(second));
  EXPECT_EQ(must_receive(client).view(), "second");
}

TEST_P(inproc_patterns, req_survives_the_end_of_its_server) {
  req client(ctx(), {.req_relaxed = true});
  std::optional<rep> server(std::in_place, ctx());
  server->bind(place);
  client.connect(place);
  client.send("lost");
  server.reset();
  server.emplace(ctx());
  server->bind(place);
  client.connect(place);
  client.send("again");
  EXPECT_EQ(must_receive(*server).view(), "again");
  server->send("answer");
  EXPECT_EQ(must_receive(client).view(), "answer");
}

}  // namespace
}  // namespace monocoque::test
