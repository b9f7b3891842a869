// What stats() counts: per socket, per peer, per reason, and that nothing is lost or counted twice when peers
// come and go.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t frame_of_ten = 12;  // two bytes of header
const std::string ten = "0123456789";

/// Waits until `done`, which nothing announces: what is written is counted by the I/O thread.
void await(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "it never came to that";
    std::this_thread::yield();
  }
}

TEST(stats, count_messages_and_bytes_on_both_sides) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  for (int i = 0; i < 1000; ++i) out.send(ten);
  out.send({"two", "frames"});
  for (int i = 0; i < 1001; ++i) (void)must_receive(in);
  await([&] { return out.stats().sent.messages == 1001; });

  const socket_stats sender = out.stats();
  EXPECT_EQ(sender.type, socket_type::push);
  EXPECT_EQ(sender.sent.bytes, 1000 * frame_of_ten + 5 + 8);
  EXPECT_EQ(sender.received.messages, 0U);
  EXPECT_EQ(sender.connected_peers, 1U);
  EXPECT_EQ(sender.send_queue.messages + sender.send_queue.bytes, 0U);
  ASSERT_EQ(sender.peers.size(), 1U);
  EXPECT_EQ(sender.peers[0].endpoint, in.last_endpoint());
  EXPECT_EQ(sender.peers[0].sent.messages, 1001U);
  EXPECT_TRUE(sender.peers[0].connected);
  ASSERT_NE(sender.peers[0].peer, nullptr);
  EXPECT_EQ(sender.peers[0].peer->socket_type, "PULL");

  const socket_stats receiver = in.stats();
  EXPECT_EQ(receiver.received.messages, 1001U);
  EXPECT_EQ(receiver.received.bytes, sender.sent.bytes);
  EXPECT_EQ(receiver.receive_queue.messages, 0U);
  EXPECT_EQ(receiver.events_of(event_kind::accepted), 1U);
  EXPECT_EQ(receiver.events_of(event_kind::handshake_done), 1U);
  EXPECT_EQ(receiver.last_endpoint, in.last_endpoint());
}

TEST(stats, count_the_same_in_an_inline_context) {
  context ctx{inline_loop};
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  for (int i = 0; i < 500; ++i) out.send(ten);
  for (int i = 0; i < 500; ++i) (void)must_receive(in);
  await([&] { return ctx.poll() == 0 && out.stats().sent.messages == 500; });
  EXPECT_EQ(out.stats().sent.bytes, 500 * frame_of_ten);
  EXPECT_EQ(in.stats().received.messages, 500U);
  EXPECT_EQ(in.stats().receive_queue.messages, 0U);
}

/// Answers are written without being queued.
TEST(stats, count_requests_and_replies) {
  context ctx;
  rep server(ctx);
  server.bind("tcp://127.0.0.1:0");
  req client(ctx);
  client.connect(server.last_endpoint());
  constexpr std::uint64_t rounds = 100;
  constexpr std::uint64_t enveloped = 2 + frame_of_ten;  // an empty frame goes first
  for (std::uint64_t i = 0; i < rounds; ++i) {
    client.send(ten);
    server.send(must_receive(server));
    (void)must_receive(client);
  }
  await([&] { return server.stats().sent.messages == rounds && client.stats().sent.messages == rounds; });
  EXPECT_EQ(client.stats().sent.bytes, rounds * enveloped);
  EXPECT_EQ(server.stats().sent.bytes, rounds * enveloped);
  EXPECT_EQ(server.stats().received.messages, rounds);
  EXPECT_EQ(client.stats().received.bytes, rounds * enveloped);
}

TEST(stats, show_what_waits_in_the_queues) {
  context ctx;
  push out(ctx, {.linger = 0ms});
  out.connect("tcp://127.0.0.1:1");  // nobody is there
  for (int i = 0; i < 7; ++i) out.send(ten);
  socket_stats now = out.stats();
  EXPECT_EQ(now.send_queue.messages, 7U);
  EXPECT_EQ(now.send_queue.bytes, 7 * frame_of_ten);
  EXPECT_EQ(now.memory_held(), 7 * frame_of_ten);
  ASSERT_EQ(now.peers.size(), 1U);
  EXPECT_EQ(now.peers[0].endpoint, "tcp://127.0.0.1:1");
  EXPECT_FALSE(now.peers[0].connected);
  EXPECT_EQ(now.peers[0].peer, nullptr);
  EXPECT_EQ(now.peers[0].send_queue.messages, 7U);
  EXPECT_EQ(now.sent.messages, 0U);
}

TEST(stats, show_what_the_application_has_not_taken) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  for (int i = 0; i < 5; ++i) out.send(ten);
  await([&] { return in.stats().receive_queue.messages == 5; });
  EXPECT_EQ(in.stats().receive_queue.bytes, 5 * frame_of_ten);
  (void)must_receive(in);
  EXPECT_EQ(in.stats().receive_queue.messages, 4U);
  EXPECT_EQ(in.stats().received.messages, 5U);
}

TEST(stats, keep_the_totals_of_peers_that_have_gone) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  for (int round = 0; round < 3; ++round) {
    push out(ctx);
    out.connect(in.last_endpoint());
    for (int i = 0; i < 10; ++i) out.send(ten);
    for (int i = 0; i < 10; ++i) (void)must_receive(in);
    out.close();
    (void)await_event(events, event_kind::disconnected);
  }
  const socket_stats now = in.stats();
  EXPECT_EQ(now.received.messages, 30U);
  EXPECT_EQ(now.received.bytes, 30 * frame_of_ten);
  EXPECT_EQ(now.peers.size(), 0U);
  EXPECT_EQ(now.connected_peers, 0U);
  EXPECT_EQ(now.events_of(event_kind::disconnected), 3U);
}

TEST(stats, count_reconnects) {
  context ctx;
  push out(ctx, {.reconnect_interval = 1ms});
  monitor events = out.monitor();
  std::optional<pull> in(std::in_place, ctx);
  in->bind("tcp://127.0.0.1:0");
  const std::string place = in->last_endpoint();
  out.connect(place);
  (void)await_event(events, event_kind::handshake_done);
  EXPECT_EQ(out.stats().reconnects, 0U);
  in->close();
  (void)await_event(events, event_kind::disconnected);
  in.emplace(ctx);
  in->bind(place);
  (void)await_event(events, event_kind::handshake_done);
  const socket_stats now = out.stats();
  EXPECT_EQ(now.reconnects, 1U);
  ASSERT_EQ(now.peers.size(), 1U);
  EXPECT_EQ(now.peers[0].reconnects, 1U);
}

TEST(stats, tell_drops_apart_by_reason) {
  context ctx;
  router out(ctx);
  out.bind("tcp://127.0.0.1:0");
  EXPECT_TRUE(out.try_send(message::of({"nobody", "x"})));
  EXPECT_EQ(out.stats().dropped[drop_reason::unroutable], 1U);

  dealer never(ctx, {.linger = 0ms});
  never.connect("tcp://127.0.0.1:1");
  never.send("x");
  never.send("y");
  never.close();
  EXPECT_EQ(never.stats().dropped[drop_reason::closed], 2U);

  push newest(ctx, {.conflate = true, .linger = 0ms});
  newest.connect("tcp://127.0.0.1:1");
  for (int i = 0; i < 5; ++i) newest.send("x");
  EXPECT_EQ(newest.stats().dropped[drop_reason::replaced], 4U);
  EXPECT_EQ(newest.stats().peers.at(0).dropped[drop_reason::replaced], 4U);
  EXPECT_EQ(newest.dropped_count(), 4U);
}

TEST(stats, count_an_old_reply_as_unexpected) {
  context ctx;
  router server(ctx);
  server.bind("tcp://127.0.0.1:0");
  req client(ctx, {.req_relaxed = true, .req_correlate = true});
  client.connect(server.last_endpoint());
  client.send("first");
  message first = must_receive(server);
  client.send("second");
  message second = must_receive(server);
  server.send(std::move(first));  // too late
  server.send(std::move(second));
  EXPECT_EQ(must_receive(client).view(), "second");
  EXPECT_EQ(client.stats().dropped[drop_reason::unexpected], 1U);
}

/// One subscriber reads, one does not: who lost how much?
TEST(stats, tell_which_subscriber_is_too_slow) {
  for (const bool inside : {false, true}) {
    SCOPED_TRACE(inside ? "inline" : "threaded");
    std::optional<context> ctx;
    inside ? ctx.emplace(inline_loop) : ctx.emplace();
    xpub out(*ctx, {.send_high_water_mark = 10,
                    .kernel_send_buffer = 4096,
                    .report_subscriptions = subscription_reports::verbose});
    out.bind("tcp://127.0.0.1:0");
    sub reader(*ctx), sleeper(*ctx, {.receive_high_water_mark = 1, .kernel_receive_buffer = 4096});
    for (sub* const each : {&reader, &sleeper}) {
      each->subscribe("");
      each->connect(out.last_endpoint());
      (void)must_receive(out);
    }
    const std::string large(4000, 'x');
    std::uint64_t published = 0;
    while (out.stats().dropped[drop_reason::full] < 100 && published < 100'000) {
      out.send(large);
      ++published;
      (void)must_receive(reader);
    }
    await([&] {
      if (inside) ctx->poll();
      return out.stats().peers.at(0).sent.messages == published;
    });
    const socket_stats now = out.stats();
    EXPECT_EQ(now.dropped[drop_reason::full], 100U);
    EXPECT_EQ(now.dropped.total(), out.dropped_count());
    ASSERT_EQ(now.peers.size(), 2U);
    EXPECT_EQ(now.peers[0].dropped.total(), 0U);
    EXPECT_EQ(now.peers[1].dropped[drop_reason::full], 100U);
    EXPECT_EQ(now.peers[1].sent.messages + now.peers[1].send_queue.messages + 100, published);
    EXPECT_GE(now.events_of(event_kind::high_water_reached), 1U);
  }
}

TEST(stats, count_over_inproc_what_is_no_subscription) {
  context ctx;
  xpub out(ctx);
  out.bind("inproc://stats");
  sub in(ctx);
  in.subscribe("a");
  in.subscribe("b");
  in.connect("inproc://stats");
  (void)must_receive(out);
  (void)must_receive(out);
  for (int i = 0; i < 3; ++i) out.send("a message");
  EXPECT_EQ(out.stats().sent.messages, 3U);
  EXPECT_EQ(out.stats().received.messages, 0U);
  EXPECT_EQ(in.stats().receive_queue.messages, 3U);
  for (int i = 0; i < 3; ++i) (void)must_receive(in);
  EXPECT_EQ(in.stats().received.messages, 3U);
  EXPECT_EQ(in.stats().sent.messages, 0U);
  EXPECT_EQ(in.stats().received.bytes, 0U);
  in.close();
  EXPECT_EQ(in.stats().received.messages, 3U);
}

TEST(stats, count_over_inproc_what_replaces_another) {
  context ctx;
  pull in(ctx, {.conflate = true});
  in.bind("inproc://newest");
  push out(ctx, {.conflate = true, .linger = 0ms});
  out.connect("inproc://newest");
  for (int i = 0; i < 5; ++i) out.send(std::to_string(i));
  EXPECT_EQ(must_receive(in).view(), "4");
  EXPECT_EQ(out.stats().sent.messages, 5U);
  EXPECT_EQ(out.stats().dropped[drop_reason::replaced] + in.stats().dropped[drop_reason::replaced], 4U);
}

TEST(stats, of_a_context_name_its_sockets_in_order) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  out.send(std::string(100'000, 'x'));
  const message kept = must_receive(in);
  const context_stats now = ctx.stats();
  ASSERT_EQ(now.sockets.size(), 2U);
  EXPECT_EQ(now.sockets[0].id, 1U);
  EXPECT_EQ(now.sockets[0].type, socket_type::pull);
  EXPECT_EQ(now.sockets[1].id, 2U);
  EXPECT_EQ(now.sockets[1].type, socket_type::push);
  EXPECT_GT(now.slab_bytes_in_use + now.slab_bytes_spare, 0U);
}

TEST(stats, may_be_asked_for_at_any_time_from_any_thread) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  constexpr std::uint64_t count = 20'000;
  std::atomic<bool> over{false};
  std::jthread asker([&] {
    std::uint64_t before = 0;
    while (!over) {
      const context_stats now = ctx.stats();
      const std::uint64_t received = now.sockets.at(0).received.messages;
      EXPECT_GE(received, before);
      before = received;
    }
  });
  std::jthread sender([&] {
    for (std::uint64_t i = 0; i < count; ++i) out.send(ten);
  });
  for (std::uint64_t i = 0; i < count; ++i) (void)must_receive(in);
  over = true;
  asker.join();
  EXPECT_EQ(in.stats().received.messages, count);
}

}  // namespace
}  // namespace monocoque::test
