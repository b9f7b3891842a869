// STREAM: what bounds it, and what it refuses.

#include "tests/socket/stream_type_support.hpp"

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

using stream_type_bounds = stream_type;

INSTANTIATE_TEST_SUITE_P(contexts, stream_type_bounds, both_kinds, name_of_kind);

TEST_P(stream_type_bounds, waits_for_a_peer_that_takes_nothing_and_serves_the_others) {
  stream ours(*ctx_, {.send_high_water_mark = 10, .send_timeout = brief, .linger = 0ms});
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer slow(ours.last_endpoint());
  const bytes slow_id = must_come(ours);
  const raw_peer quick(ours.last_endpoint());
  const bytes quick_id = must_come(ours);
  std::string sent;
  const std::string text = filled(100'000);
  errc why{};
  for (; why == errc{}; why = why_not(ours, slow_id, text)) sent += text;
  EXPECT_EQ(why, errc::timed_out);
  sent.resize(sent.size() - text.size());
  EXPECT_LE(ours.stats().send_queue.messages, 10U);
  ours.send(two(quick_id, "at once"));
  EXPECT_EQ(hear(quick, 7), "at once");
  auto heard = std::async(std::launch::async, [&] { return slow.receive(sent.size() + 8); });
  message last = two(slow_id, "room now");
  ASSERT_TRUE(ours.send_for(last, patience));
  EXPECT_TRUE(beside([&] { return heard.get(); }) == sent + "room now");
}

TEST_P(stream_type_bounds, holds_no_more_of_a_flood_than_it_may) {
  constexpr std::size_t flood = 20'000'000;
  constexpr int mark = 20;
  stream ours(*ctx_, {.receive_high_water_mark = mark});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  const std::string text = filled(flood);
  const speaker said(peer, text);
  (void)await_event(events, event_kind::high_water_reached);
  EXPECT_LE(ours.stats().receive_queue.messages, static_cast<std::uint64_t>(mark));
  const raw_peer other(ours.last_endpoint());
  other.send("meanwhile");
  std::string all;
  bytes other_id;
  while (all.size() < flood) {
    const message piece = must_receive(ours);
    if (piece[0] != id) {
      other_id = piece[0];
      EXPECT_TRUE(piece[1].empty() || piece[1].view() == "meanwhile");
      continue;
    }
    EXPECT_LE(piece[1].size(), 8192U);
    all += piece[1].view();
  }
  EXPECT_FALSE(other_id.empty());
  EXPECT_TRUE(all == text);
}

TEST_P(stream_type_bounds, bounds_what_it_holds_in_bytes) {
  stream ours(*ctx_, {.receive_high_water_mark = 0, .receive_byte_limit = 50'000});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  const std::string text = filled(5'000'000);
  const speaker said(peer, text);
  (void)await_event(events, event_kind::high_water_reached);
  // One read more than the limit.
  EXPECT_LE(ours.stats().receive_queue.bytes, 50'000U + 70'000U);
  EXPECT_TRUE(collect(ours, id, text.size()) == text);
}

TEST_P(stream_type_bounds, cuts_what_comes_into_messages_that_are_not_too_large) {
  stream ours(*ctx_, {.max_message_size = 10});
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  peer.send(filled(95));
  std::string all;
  while (all.size() < 95) {
    const message piece = must_receive(ours);
    EXPECT_LE(piece[1].size(), 10U);
    all += piece[1].view();
  }
  EXPECT_EQ(all, filled(95));
}

TEST_P(stream_type_bounds, takes_half_a_close_for_the_end) {
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  peer.send("done");
  peer.half_close();
  EXPECT_EQ(collect(ours, id, 4), "done");
  must_end(ours, id);
  EXPECT_EQ(hear_the_end(peer), "");
}

TEST_P(stream_type_bounds, survives_resets) {
  stream ours(*ctx_, {.linger = 0ms});
  ours.bind("tcp://127.0.0.1:0");
  for (int i = 0; i < 20; ++i) {
    raw_peer peer(ours.last_endpoint());
    const bytes id = must_come(ours);
    peer.send(filled(1000));
    (void)ours.try_send(two(id, filled(1'000'000)));
    peer.reset();
    for (message last = must_receive(ours); !last[1].empty(); last = must_receive(ours)) {
      EXPECT_EQ(last[0], id);
    }
    EXPECT_EQ(why_not(ours, id, "x"), errc::unroutable);
  }
  EXPECT_TRUE(ours.stats().peers.empty());
}

TEST_P(stream_type_bounds, counts_connections_against_its_limits) {
  stream ours(*ctx_, {.max_connections = 1});
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer first(ours.last_endpoint());
  const bytes id = must_come(ours);
  const raw_peer second(ours.last_endpoint());
  EXPECT_EQ(hear_the_end(second), "");
  first.send("still here");
  EXPECT_EQ(collect(ours, id, 10), "still here");
}

// -- misuse

TEST_P(stream_type_bounds, takes_two_frames_and_nothing_else) {
  stream ours(*ctx_);
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer peer(ours.last_endpoint());
  const bytes id = must_come(ours);
  EXPECT_EQ(code_thrown_by([&] { ours.send(message(id)); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { ours.send({id.view(), "a", "b"}); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { ours.send({"nobody", "a"}); }), errc::unroutable);
  ours.send({id.view(), "right"});
  EXPECT_EQ(hear(peer, 5), "right");
}

TEST_P(stream_type_bounds, has_no_peers_over_inproc) {
  stream ours(*ctx_);
  EXPECT_EQ(code_thrown_by([&] { ours.bind("inproc://here"); }), errc::unsupported_transport);
  EXPECT_EQ(code_thrown_by([&] { ours.connect("inproc://here"); }), errc::unsupported_transport);
}

TEST_P(stream_type_bounds, takes_no_options_that_it_could_not_keep) {
  EXPECT_EQ(code_thrown_by([&] { const stream ours(*ctx_, {.security = plain_client{"a", "b"}}); }),
            errc::not_supported);
  EXPECT_EQ(code_thrown_by([&] { const stream ours(*ctx_, {.zap_domain = "d"}); }), errc::not_supported);
  EXPECT_EQ(code_thrown_by([&] { const router ours(*ctx_, {.stream_notify = false}); }), errc::not_supported);
}

}  // namespace
}  // namespace monocoque::test
