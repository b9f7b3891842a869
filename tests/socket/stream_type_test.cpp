// STREAM: connections to whoever speaks no ZMTP, accepted and made, in both kinds of context.

#include "tests/socket/stream_type_support.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(contexts, stream_type, both_kinds, name_of_kind);

// -- who comes

TEST_P(stream_type, hears_who_comes_what_it_says_and_that_it_has_gone) {
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  EXPECT_EQ(id.size(), 5U);
  EXPECT_EQ(id[0], std::byte{0});
  EXPECT_EQ(ours.last_routing_id(), id);
  peer.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(collect(ours, id, 18), "GET / HTTP/1.0\r\n\r\n");
  ours.send(two(id, "HTTP/1.0 200 OK\r\n\r\n"));
  ours.send(two(id, "hello"));
  EXPECT_EQ(hear(peer, 24), "HTTP/1.0 200 OK\r\n\r\nhello");
  peer.send("bye");
  peer.close();
  EXPECT_EQ(collect(ours, id, 3), "bye");
  must_end(ours, id);
  EXPECT_EQ(why_not(ours, id, "are you there?"), errc::unroutable);
  EXPECT_EQ(why_not(ours, id, ""), errc::unroutable);
}

TEST_P(stream_type, says_with_each_message_who_the_peer_is) {
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  peer.send("x");
  for (const message& received : {must_receive(ours), must_receive(ours)}) {
    ASSERT_NE(received.peer(), nullptr);
    EXPECT_EQ(received.peer()->address, peer.address());
    EXPECT_EQ(received.peer()->zmtp_major, 0);
    EXPECT_EQ(received.peer()->socket_type, "");
    EXPECT_EQ(received.peer()->mechanism, "");
  }
  ASSERT_EQ(ours.peers().size(), 1U);
  EXPECT_EQ(ours.peers().front().info->address, peer.address());
}

TEST_P(stream_type, tells_its_monitor_as_others_do) {
  stream ours(*ctx_);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  EXPECT_EQ(await_event(events, event_kind::accepted).peer_address, peer.address());
  const event done = await_event(events, event_kind::handshake_done);
  EXPECT_EQ(done.peer_address, peer.address());
  EXPECT_NE(done.text().find("no ZMTP"), std::string::npos) << done.text();
  const std::string address = peer.address();
  peer.close();
  must_end(ours, id);
  const event over = await_event(events, event_kind::disconnected);
  EXPECT_EQ(over.peer_address, address);
  EXPECT_EQ(over.reason, errc::peer_disconnected);
}

TEST_P(stream_type, can_do_without_being_told) {
  stream ours(*ctx_, {.stream_notify = false});
  ours.bind("tcp://127.0.0.1:0");
  monitor events = ours.monitor();
  raw_peer first(ours.last_endpoint());
  first.send("one");
  const bytes id = must_receive(ours)[0];
  first.close();
  (void)await_event(events, event_kind::disconnected);
  const raw_peer second(ours.last_endpoint());
  second.send("two");
  const message next = must_receive(ours);
  EXPECT_NE(next[0], id);
  EXPECT_EQ(next[1].view(), "two");
}

TEST_P(stream_type, keeps_many_connections_apart) {
  constexpr std::size_t crowd = 50;
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  std::vector<raw_peer> peers;
  std::vector<bytes> ids;
  for (std::size_t i = 0; i < crowd; ++i) {
    peers.emplace_back(ours.last_endpoint());
    ids.push_back(must_come(ours));
  }
  EXPECT_EQ(std::set<std::string>([&] {
              std::set<std::string> all;
              for (const bytes& id : ids) all.insert(id.str());
              return all;
            }())
                .size(),
            crowd);
  for (std::size_t i = crowd; i-- > 0;) ours.send(two(ids[i], std::to_string(100 + i)));
  for (std::size_t i = 0; i < crowd; ++i) EXPECT_EQ(hear(peers[i], 3), std::to_string(100 + i));
  for (const raw_peer& each : peers) each.send(each.address());
  for (std::size_t i = 0; i < crowd; ++i) {
    const message said = must_receive(ours);
    const auto who = std::ranges::find(ids, said[0]) - ids.begin();
    EXPECT_EQ(said[1].view(), peers.at(static_cast<std::size_t>(who)).address());
  }
}

TEST_P(stream_type, carries_much_both_ways) {
  constexpr std::size_t much = 8'000'000;
  const std::string text = filled(much);
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  auto heard = std::async(std::launch::async, [&] { return peer.receive(much); });
  for (std::size_t at = 0, size = 1; at < much; at += size, size = size % 100'000 + 7'777)
    ours.send(two(id, std::string_view(text).substr(at, size)));
  EXPECT_TRUE(beside([&] { return heard.get(); }) == text);
  const speaker said(peer, text);
  EXPECT_TRUE(collect(ours, id, much) == text);
}

// -- whom we go to

TEST_P(stream_type, sends_at_once_to_whom_it_connects) {
  const raw_listener place;
  stream ours(*ctx_);
  EXPECT_TRUE(ours.last_routing_id().empty());
  ours.connect(place.endpoint());
  const bytes id = ours.last_routing_id();
  EXPECT_EQ(id.size(), 5U);
  ours.send(two(id, "early"));
  const raw_peer peer = beside([&] { return place.accept(); });
  EXPECT_EQ(hear(peer, 5), "early");
  EXPECT_EQ(must_come(ours), id);
  peer.send("late");
  EXPECT_EQ(collect(ours, id, 4), "late");
}

TEST_P(stream_type, comes_back_under_the_same_id) {
  const raw_listener place;
  stream ours(*ctx_, {.reconnect_interval = 1ms});
  ours.connect(place.endpoint(), {.routing_id = bytes::copy("server")});
  const bytes id = bytes::copy("server");
  EXPECT_EQ(ours.last_routing_id(), id);
  for (int i = 0; i < 3; ++i) {
    ours.send(two(id, "hello"));
    raw_peer peer = beside([&] { return place.accept(); });
    EXPECT_EQ(hear(peer, 5), "hello");
    EXPECT_EQ(must_come(ours), id);
    if (i == 1) {
      peer.reset();
    } else {
      peer.close();
    }
    must_end(ours, id);
  }
  EXPECT_GE(ours.stats().reconnects, 2U);
}

TEST_P(stream_type, refuses_an_id_that_it_has_given_already) {
  const raw_listener place;
  stream ours(*ctx_);
  ours.connect(place.endpoint(), {.routing_id = bytes::copy("server")});
  const result<void> again = ours.connect(as_result, place.endpoint(), {.routing_id = bytes::copy("server")});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), errc::duplicate_routing_id);
}

TEST_P(stream_type, waits_for_the_connection_if_told_so) {
  const raw_listener place;
  stream ours(*ctx_, {.immediate = true});
  ours.connect(place.endpoint(), {.routing_id = bytes::copy("server")});
  EXPECT_TRUE(GetParam() == kind::threaded || why_not(ours, bytes::copy("server"), "x") == errc::unroutable);
  const raw_peer peer = beside([&] { return place.accept(); });
  EXPECT_EQ(must_come(ours).view(), "server");
  ours.send(two(bytes::copy("server"), "there"));
  EXPECT_EQ(hear(peer, 5), "there");
}

TEST_P(stream_type, talks_to_one_of_its_kind_over_tcp_and_ipc) {
  const temporary_folder folder;
  for (const wire over : {wire::tcp, wire::ipc}) {
    stream server(*ctx_);
    server.bind(fresh_endpoint(over, folder));
    stream client(*ctx_);
    client.connect(server.last_endpoint());
    const bytes there = must_come(client);
    const bytes here = must_come(server);
    client.send(two(there, "ping"));
    EXPECT_EQ(must_receive(server), two(here, "ping"));
    server.send(two(here, "pong"));
    EXPECT_EQ(must_receive(client), two(there, "pong"));
    server.send(two(here, ""));
    must_end(client, there);
  }
}

TEST_P(stream_type, can_speak_zmtp_by_hand) {
  pull theirs(*ctx_);
  theirs.bind("tcp://127.0.0.1:0");
  stream ours(*ctx_);
  ours.connect(theirs.last_endpoint());
  const bytes id = must_come(ours);
  ours.send(two(id, speak::greeting() + speak::ready("PUSH") + speak::frame("by hand")));
  EXPECT_EQ(must_receive(theirs).view(), "by hand");
  EXPECT_EQ(collect(ours, id, speak::greeting_size).substr(0, 10), speak::greeting().substr(0, 10));
}

// -- ends

TEST_P(stream_type, ends_a_connection_when_all_is_out_and_hears_no_more_of_it) {
  constexpr std::size_t much = 4'000'000;
  stream ours(*ctx_, {.linger = 0ms});
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  peer.send("unheard");
  while (!ours.can_receive()) ctx_->is_inline() ? void(ctx_->run_for(1ms)) : std::this_thread::yield();
  const std::string text = filled(much);
  ours.send(two(id, text));
  ours.send(two(id, ""));
  EXPECT_EQ(why_not(ours, id, "more"), errc::unroutable);
  EXPECT_FALSE(ours.can_receive());
  EXPECT_TRUE(hear_the_end(peer) == text);
  const raw_peer next(ours.last_endpoint());
  EXPECT_NE(must_come(ours), id);
  EXPECT_GE(ours.stats().dropped[drop_reason::unexpected], 1U);
}

TEST_P(stream_type, does_not_come_back_to_whom_it_has_ended) {
  const raw_listener place;
  stream ours(*ctx_, {.linger = 0ms, .reconnect_interval = 1ms});
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  const raw_peer peer = beside([&] { return place.accept(); });
  const bytes id = must_come(ours);
  ours.send(two(id, "that is all"));
  ours.send(two(id, ""));
  EXPECT_EQ(hear_the_end(peer), "that is all");
  EXPECT_EQ(await_event(events, event_kind::closed).endpoint, place.endpoint());
  EXPECT_EQ(why_not(ours, id, "x"), errc::unroutable);
  EXPECT_FALSE(ours.disconnect(as_result, place.endpoint()));
  EXPECT_TRUE(ours.stats().peers.empty());
}

TEST_P(stream_type, ends_what_has_not_begun) {
  const raw_listener place;
  stream ours(*ctx_);
  monitor events = ours.monitor();
  ours.connect(place.endpoint());
  ours.send(two(ours.last_routing_id(), ""));
  EXPECT_EQ(await_event(events, event_kind::closed).endpoint, place.endpoint());
  EXPECT_FALSE(ours.can_receive());
}

TEST_P(stream_type, ends_whoever_takes_nothing_all_the_same) {
  stream ours(*ctx_, {.send_byte_limit = 1, .linger = 0ms});
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  while (ours.try_send(two(id, filled(100'000)))) {
  }
  ours.send(two(id, ""));
  EXPECT_EQ(why_not(ours, id, "x"), errc::unroutable);
}

TEST_P(stream_type, knows_a_connection_to_be_over_before_its_end_was_received) {
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  monitor events = ours.monitor();
  raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  peer.send("last words");
  peer.close();
  (void)await_event(events, event_kind::disconnected);
  EXPECT_EQ(why_not(ours, id, "nobody waits for that"), errc::unroutable);
  EXPECT_EQ(collect(ours, id, 10), "last words");
  must_end(ours, id);
}

TEST_P(stream_type, says_nothing_of_connections_that_unbind_and_disconnect_end) {
  const raw_listener place;
  stream ours(*ctx_);
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer came(ours.last_endpoint());
  const bytes first = must_come(ours);
  ours.unbind(ours.last_endpoint());
  EXPECT_EQ(why_not(ours, first, "x"), errc::unroutable);
  EXPECT_EQ(hear_the_end(came), "");
  ours.connect(place.endpoint());
  const raw_peer there = beside([&] { return place.accept(); });
  const bytes second = must_come(ours);
  ours.disconnect(place.endpoint());
  EXPECT_EQ(why_not(ours, second, "x"), errc::unroutable);
  EXPECT_EQ(hear_the_end(there), "");
  for (int i = 0; i < 2; ++i) (void)await_event(events, event_kind::disconnected);
  EXPECT_FALSE(ours.can_receive());
}

TEST_P(stream_type, sends_what_is_queued_before_it_closes) {
  std::optional<stream> ours(std::in_place, *ctx_);
  ours->bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours->last_endpoint());
  const bytes id = must_come(*ours);
  const std::string text = filled(3'000'000);
  ours->send(two(id, text));
  ours.reset();
  EXPECT_TRUE(hear_the_end(peer) == text);
}

// -- threads

TEST(stream_type_threads, may_send_to_different_connections_at_once) {
  constexpr std::size_t senders = 4;
  constexpr int rounds = 2000;
  context ctx;
  stream ours(ctx);
  ours.bind("tcp://127.0.0.1:0");
  std::vector<raw_peer> peers;
  std::vector<bytes> ids;
  for (std::size_t i = 0; i < senders; ++i) {
    peers.emplace_back(ours.last_endpoint());
    ids.push_back(must_receive(ours)[0]);
  }
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < senders; ++i) {
    running.emplace_back([&, i] {
      for (int n = 0; n < rounds; ++n) ours.send(message::of({ids[i].view(), "0123456789"}));
      ours.send(message::of({ids[i].view(), ""}));
    });
  }
  for (const raw_peer& each : peers) EXPECT_EQ(each.receive_until_closed().size(), 10U * rounds);
  for (std::thread& each : running) each.join();
}

}  // namespace
}  // namespace monocoque::test
