// CLIENT, SCATTER, GATHER and CHANNEL: DEALER, PUSH, PULL and PAIR in messages of one frame.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/single_frame_support.hpp"

#include <array>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(over, single_frames, everywhere, name_of_place);

template <class Socket>
concept sends = requires(Socket& socket) { socket.send("x"); };
template <class Socket>
concept receives = requires(Socket& socket) { socket.receive(); };
static_assert(sends<client> && receives<client> && sends<channel> && receives<channel>);
static_assert(sends<scatter> && !receives<scatter> && !sends<gather> && receives<gather>);

/// Every way there is to send several frames.
template <class Socket>
void expect_no_several(Socket& from) {
  const auto fill = [](std::size_t, std::span<std::byte> into) { std::ranges::fill(into, std::byte{'x'}); };
  EXPECT_EQ(code_thrown_by([&] { from.send({"a", "b"}); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { from.send(message::of({"a", "b"})); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { from.send_in_place({1U, 1U}, fill); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { static_cast<void>(from.try_send({"a", "b"})); }), errc::invalid_argument);
  message several = message::of({"a", std::string(10'000, 'b')});
  EXPECT_EQ(from.send_for(as_result, several, patience).error(), errc::invalid_argument);
  EXPECT_EQ(several.size(), 2U) << "what is refused stays the caller's";
  EXPECT_NE(from.try_send(as_result, several).error().message().find("one frame"), std::string::npos);
}

TEST_P(single_frames, of_a_scatter_reach_the_gathers_in_turn) {
  gather left(ctx()), right(ctx());
  left.bind(fresh());
  right.bind(fresh());
  scatter out(ctx());
  out.connect(left.last_endpoint());
  out.connect(right.last_endpoint());
  for (int i = 0; i < 100; ++i) out.send(std::to_string(i));
  for (int i = 0; i < 100; i += 2) {
    ASSERT_EQ(must_receive(left).view(), std::to_string(i));
    ASSERT_EQ(must_receive(right).view(), std::to_string(i + 1));
  }
}

TEST_P(single_frames, of_all_sizes_come_as_they_went) {
  gather in(ctx());
  in.bind(fresh());
  scatter out(ctx());
  out.connect(in.last_endpoint());
  for (const std::size_t size : {0UL, 1UL, 71UL, 72UL, 255UL, 256UL, 9000UL, 300'000UL}) {
    out.send(std::string(size, 'x'));
    const message received = must_receive(in);
    EXPECT_EQ(received.size(), 1U);
    EXPECT_EQ(received.view(), std::string(size, 'x'));
    EXPECT_EQ(received.peer()->socket_type, "SCATTER");
  }
}

TEST_P(single_frames, are_all_that_scatter_client_and_channel_send) {
  gather in(ctx());
  in.bind(fresh());
  scatter out(ctx(), {.send_timeout = 0ms});
  expect_no_several(out);
  out.connect(in.last_endpoint());
  expect_no_several(out);
  for (int i = 0; i < 10; ++i) {  // with a lane open, too
    out.send(std::to_string(i));
    expect_no_several(out);
  }
  for (int i = 0; i < 10; ++i) ASSERT_EQ(must_receive(in).view(), std::to_string(i));
  EXPECT_FALSE(in.try_receive());

  channel one(ctx()), other(ctx());
  one.bind(fresh());
  other.connect(one.last_endpoint());
  other.send("x");
  EXPECT_EQ(must_receive(one).view(), "x");
  expect_no_several(one);
  expect_no_several(other);

  server answering(ctx());
  answering.bind(fresh());
  client asking(ctx());
  asking.connect(answering.last_endpoint());
  asking.send("x");
  EXPECT_EQ(must_receive(answering).view(1), "x");
  expect_no_several(asking);
}

TEST_P(single_frames, of_a_channel_go_both_ways_with_one_peer) {
  channel one(ctx());
  monitor events = one.monitor();
  one.bind(fresh());
  channel other(ctx());
  other.connect(one.last_endpoint());
  for (int i = 0; i < 20; ++i) {
    other.send("to " + std::to_string(i));
    ASSERT_EQ(must_receive(one).view(), "to " + std::to_string(i));
    one.send("fro " + std::to_string(i));
    ASSERT_EQ(must_receive(other).view(), "fro " + std::to_string(i));
  }
  channel third(ctx());
  third.connect(one.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::second_peer);
  EXPECT_EQ(one.peer_count(), 1U);
}

TEST_P(single_frames, have_peers_of_their_own_kind_alone) {
  gather in(ctx());
  monitor events = in.monitor();
  in.bind(fresh());
  push out(ctx());
  out.connect(in.last_endpoint());
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::socket_type_mismatch);
}

TEST_P(single_frames, can_be_awaited) {
  server answering(ctx());
  answering.bind(fresh());
  client asking(ctx());
  asking.connect(answering.last_endpoint());
  const auto talk = [](server& with, client& by) -> task<> {
    for (int i = 0; i < 100; ++i) {
      co_await by.async_send(std::to_string(i));
      message request = co_await with.async_receive();
      EXPECT_EQ(request.view(1), std::to_string(i));
      co_await with.async_send(std::move(request));
      const message reply = co_await by.async_receive();
      EXPECT_EQ(reply.size(), 1U);
      EXPECT_EQ(reply.view(), std::to_string(i));
    }
    message several = message::of({"a", "b"});
    const result<void> refused = co_await by.async_send(as_result, std::move(several));
    EXPECT_EQ(refused.error(), errc::invalid_argument);
  };
  ctx().run(talk(answering, asking));
}

/// A peer that breaks the rules, as libzmq's do not either: what it sends with several frames is passed over.
template <class Socket>
void expect_several_passed_over(std::string_view of, const std::string& peer_type, bool numbered) {
  SCOPED_TRACE(std::string(of));
  context ctx;
  Socket in(ctx);
  in.bind("tcp://127.0.0.1:0");
  const raw_peer peer(in.last_endpoint());
  shake_hands(peer, peer_type);
  const std::string several = speak::frame("a", true) + speak::frame("b", true) + speak::frame("c");
  peer.send(several + speak::frame("1") + speak::frame("2") + several + several + speak::frame("3"));
  peer.send(several);
  peer.send(speak::frame("4"));
  for (const char* const expected : {"1", "2", "3", "4"}) {
    const message received = must_receive(in);
    EXPECT_EQ(received.size(), numbered ? 2U : 1U);
    EXPECT_EQ(received.view(received.size() - 1), expected);
  }
  EXPECT_EQ(in.stats().dropped[drop_reason::unexpected], 4U);
  EXPECT_EQ(in.peer_count(), 1U);
}

TEST(single_frame_types, pass_over_what_a_peer_sends_with_several) {
  expect_several_passed_over<gather>("GATHER", "SCATTER", false);
  expect_several_passed_over<client>("CLIENT", "SERVER", false);
  expect_several_passed_over<channel>("CHANNEL", "CHANNEL", false);
  expect_several_passed_over<server>("SERVER", "CLIENT", true);
  expect_several_passed_over<peer>("PEER", "PEER", true);
}

TEST(single_frame_types, are_encrypted_as_others_are) {
  if (!has_curve()) GTEST_SKIP() << "without CURVE";
  const curve_keypair keys = curve_keypair::generate();
  const curve_keypair own = curve_keypair::generate();
  context ctx;
  server answering(ctx, {.security = curve_server{keys},
                         .authenticate = [](const auth_request&) { return auth_verdict::allow(); }});
  answering.bind("tcp://127.0.0.1:0");
  client asking(ctx, {.security = curve_client{keys.public_key, own}});
  asking.connect(answering.last_endpoint());
  asking.send("question");
  const message request = must_receive(answering);
  EXPECT_EQ(request.view(1), "question");
  EXPECT_EQ(request.peer()->mechanism, "CURVE");
  answering.send({request[0], "answer"});
  EXPECT_EQ(must_receive(asking).view(), "answer");
}

}  // namespace
}  // namespace monocoque::test
