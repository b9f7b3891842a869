// Who is connected, who may connect, what is said at the beginning and at the end, and when to give up.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <stop_token>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// A port of this machine that nobody listens on.
std::string vacated_endpoint(context& ctx) {
  pull once(ctx);
  once.bind("tcp://127.0.0.1:0");
  std::string name = once.last_endpoint();
  once.close();
  return name;
}

class connections : public testing::Test {
 protected:
  context ctx_;
};

// -- giving up

TEST_F(connections, stop_being_tried_after_a_refusal_if_that_is_wished) {
  push out(ctx_, {.reconnect_stop = {.refused = true}});
  monitor events = out.monitor();
  const std::string place = vacated_endpoint(ctx_);
  out.connect(place);
  const event over = await_event(events, event_kind::closed);
  EXPECT_EQ(over.endpoint, place);
  EXPECT_EQ(over.reason.code(), std::errc::connection_refused) << over.text();
  EXPECT_FALSE(out.try_send("to nobody")) << "the endpoint has gone with its queue";
}

TEST_F(connections, go_on_being_tried_after_a_refusal_if_only_other_ends_stop_them) {
  push out(ctx_,
           {.reconnect_interval = 1ms, .reconnect_stop = {.handshake_failed = true, .disconnected = true}});
  monitor events = out.monitor();
  out.connect(vacated_endpoint(ctx_));
  for (int i = 0; i < 3; ++i) (void)await_event(events, event_kind::connect_retried);
}

TEST_F(connections, stop_being_tried_after_a_failed_handshake_if_that_is_wished) {
  pub wrong(ctx_);
  wrong.bind("tcp://127.0.0.1:0");
  push out(ctx_, {.reconnect_stop = {.handshake_failed = true}});
  monitor events = out.monitor();
  out.connect(wrong.last_endpoint());
  EXPECT_TRUE(await_event(events, event_kind::closed).reason);
}

TEST_F(connections, stop_being_tried_after_a_disconnection_if_that_is_wished) {
  std::optional<pull> in(std::in_place, ctx_);
  in->bind("tcp://127.0.0.1:0");
  push out(ctx_, {.reconnect_stop = {.disconnected = true}});
  monitor events = out.monitor();
  out.connect(in->last_endpoint());
  await_handshakes(events, 1);
  in.reset();
  EXPECT_EQ(await_event(events, event_kind::closed).reason, errc::peer_disconnected);
}

TEST_F(connections, to_ipv6_without_the_option_are_an_error_at_once) {
  push out(ctx_);
  const result<void> refused = out.connect(as_result, "tcp://[::1]:5555");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::resolve_failed);
  EXPECT_NE(refused.error().message().find("ipv6"), std::string::npos) << refused.error().message();
  EXPECT_FALSE(out.try_send("no endpoint was made"));
}

TEST_F(connections, try_all_addresses_of_a_name) {
  // With IPv6 the name has two addresses on most machines, and the first refuses.
  pull in(ctx_);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx_, {.ipv6 = true});
  monitor events = out.monitor();
  const std::string place = in.last_endpoint();
  out.connect("tcp://localhost:" + place.substr(place.rfind(':') + 1));
  EXPECT_EQ(await_event(events, event_kind::connected).peer_address, place);
}

TEST_F(connections, are_tried_again_after_waits_that_double_and_differ) {
  push out(ctx_, {.reconnect_interval = 16ms, .reconnect_interval_max = 64ms});
  monitor events = out.monitor();
  out.connect(vacated_endpoint(ctx_));
  for (const auto base : {16ms, 32ms, 64ms, 64ms, 64ms}) {
    const event retry = await_event(events, event_kind::connect_retried);
    EXPECT_GE(retry.delay, base);
    EXPECT_LE(retry.delay, base + base / 4);
  }
}

// -- words at the beginning and the end

TEST_F(connections, begin_with_the_hello_message_each_time) {
  dealer out(ctx_,
             {.linger = 0ms, .reconnect_interval = 1ms, .hello_message = bytes::copy("hello, I am new")});
  std::string place = vacated_endpoint(ctx_);
  out.connect(place);
  out.send("first");
  for (const char* queued : {"first", "second"}) {
    router in(ctx_, {.linger = 0ms});
    in.bind(place);
    EXPECT_EQ(must_receive(in)[1], "hello, I am new");
    EXPECT_EQ(must_receive(in)[1], queued);
    monitor events = out.monitor();
    in.close();
    (void)await_event(events, event_kind::disconnected);
    out.send("second");
  }
}

TEST_F(connections, of_a_peer_that_leaves_end_with_the_disconnect_message) {
  router in(ctx_, {.disconnect_message = bytes::copy("gone")});
  in.bind("tcp://127.0.0.1:0");
  {
    dealer out(ctx_, {.routing_id = bytes::copy("bob")});
    out.connect(in.last_endpoint());
    for (int i = 0; i < 10; ++i) out.send(std::to_string(i));
    out.close(patience);
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(must_receive(in), message::of({"bob", std::to_string(i)}));
  const message last = must_receive(in);
  EXPECT_EQ(last, message::of({"bob", "gone"}));
  ASSERT_NE(last.peer(), nullptr);
  EXPECT_EQ(last.peer()->routing_id, "bob");
}

TEST_F(connections, that_we_made_and_lost_leave_the_hiccup_message) {
  dealer out(ctx_, {.reconnect_interval = 1ms, .hiccup_message = bytes::copy("hiccup")});
  std::string place;
  {
    dealer in(ctx_);
    in.bind("tcp://127.0.0.1:0");
    place = in.last_endpoint();
    out.connect(place);
    in.send("before");
    EXPECT_EQ(must_receive(out).view(), "before");
  }
  EXPECT_EQ(must_receive(out).view(), "hiccup");
  dealer again(ctx_);
  again.bind(place);
  again.send("after");
  EXPECT_EQ(must_receive(out).view(), "after");
}

TEST_F(connections, of_a_router_come_and_go_with_an_empty_message) {
  router in(ctx_, {.router_notify_connect = true, .router_notify_disconnect = true});
  in.bind("tcp://127.0.0.1:0");
  {
    dealer out(ctx_, {.routing_id = bytes::copy("bob")});
    out.connect(in.last_endpoint());
    EXPECT_EQ(must_receive(in), message::of({"bob", ""}));
  }
  EXPECT_EQ(must_receive(in), message::of({"bob", ""}));
}

TEST_F(connections, over_inproc_have_their_words_too) {
  router in(ctx_, {.hello_message = bytes::copy("welcome"), .disconnect_message = bytes::copy("gone")});
  in.bind("inproc://words");
  {
    dealer out(ctx_, {.routing_id = bytes::copy("bob"), .hello_message = bytes::copy("I am new")});
    out.connect("inproc://words");
    out.send("body");
    EXPECT_EQ(must_receive(out).view(), "welcome");
  }
  EXPECT_EQ(must_receive(in), message::of({"bob", "I am new"}));
  EXPECT_EQ(must_receive(in), message::of({"bob", "body"}));
  EXPECT_EQ(must_receive(in), message::of({"bob", "gone"}));
}

// -- REQ

TEST_F(connections, that_take_a_request_with_them_leave_it_to_be_asked_again) {
  req client(ctx_, {.reconnect_interval = 1ms, .req_relaxed = true, .req_correlate = true});
  std::string place;
  {
    rep lost(ctx_);
    lost.bind("tcp://127.0.0.1:0");
    place = lost.last_endpoint();
    client.connect(place);
    client.send("what time is it?");
    EXPECT_EQ(must_receive(lost).view(), "what time is it?");
  }
  EXPECT_FALSE(client.receive_for(brief)) << "nobody answers it, and nobody sends it again by itself";
  std::stop_source cancel;
  cancel.request_stop();
  EXPECT_EQ(client.receive(as_result, cancel.get_token()).error(), errc::cancelled);
  rep next(ctx_);
  next.bind(place);
  client.send("and now?");
  EXPECT_EQ(must_receive(next).view(), "and now?");
  next.send("half past");
  EXPECT_EQ(must_receive(client).view(), "half past");
}

// -- who is there

TEST_F(connections, are_listed_and_ended_one_by_one) {
  for (const char* place : {"tcp://127.0.0.1:0", "inproc://peers"}) {
    router in(ctx_);
    in.bind(place);
    dealer bob(ctx_, {.routing_id = bytes::copy("bob"), .reconnect_interval = 1ms});
    dealer eve(ctx_, {.routing_id = bytes::copy("eve"), .reconnect_interval = -1ms});
    for (dealer* each : {&bob, &eve}) {
      each->connect(in.last_endpoint());
      each->send("hello");
    }
    message from_eve;
    for (int i = 0; i < 2; ++i) {
      message received = must_receive(in);
      if (received[0] == "eve") from_eve = std::move(received);
    }
    std::vector<peer_status> all = in.peers();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].endpoint, in.last_endpoint());
    EXPECT_FALSE(all[0].dialled);
    ASSERT_EQ(bob.peers().size(), 1U);
    EXPECT_TRUE(bob.peers().front().dialled);
    EXPECT_EQ(bob.peers().front().info->socket_type, "ROUTER");

    monitor events = in.monitor();
    const peer_info copy = *from_eve.peer();
    EXPECT_EQ(in.disconnect(as_result, copy).error(), errc::no_such_peer) << "the object itself is asked for";
    in.disconnect(*from_eve.peer());
    const event over = await_event(events, event_kind::disconnected);
    EXPECT_EQ(over.reason.detail(), "disconnected by the application");
    EXPECT_EQ(over.peer->routing_id, "eve");
    EXPECT_EQ(in.disconnect(as_result, *from_eve.peer()).error(), errc::no_such_peer);
    all = in.peers();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].info->routing_id, "bob");
    in.send(message::of({"bob", "still here"}));
    EXPECT_EQ(must_receive(bob).view(), "still here");
  }
}

TEST_F(connections, that_we_made_are_made_again_after_disconnecting_the_peer) {
  pull in(ctx_);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx_, {.reconnect_interval = 1ms});
  monitor events = out.monitor();
  out.connect(in.last_endpoint());
  await_handshakes(events, 1);
  out.disconnect(*out.peers().at(0).info);
  await_handshakes(events, 1);
  out.send("again");
  EXPECT_EQ(must_receive(in).view(), "again");
}

// -- who may come

TEST_F(connections, over_the_limit_are_refused_with_an_event) {
  for (const bool per_address : {false, true}) {
    socket_options limited;
    (per_address ? limited.max_connections_per_address : limited.max_connections) = 2;
    pull in(ctx_, limited);
    monitor events = in.monitor();
    in.bind("tcp://127.0.0.1:0");
    std::vector<push> sources;
    for (int i = 0; i < 2; ++i) {
      sources.emplace_back(ctx_);
      sources.back().connect(in.last_endpoint());
    }
    await_handshakes(events, 2);
    push third(ctx_, {.linger = 0ms, .reconnect_interval = 1ms});
    third.connect(in.last_endpoint());
    const event refused = await_event(events, event_kind::refused);
    EXPECT_EQ(refused.reason, errc::limit_reached) << refused.text();
    EXPECT_FALSE(refused.peer_address.empty());
    sources[0].send("x");
    EXPECT_EQ(must_receive(in).view(), "x");
    sources.pop_back();  // whose place the third one takes
    await_handshakes(events, 1);
    third.send("let in");
    EXPECT_EQ(must_receive(in).view(), "let in");
    EXPECT_EQ(in.peer_count(), 2U);
  }
}

TEST_F(connections, wait_while_accepting_pauses) {
  pull in(ctx_);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  push early(ctx_);
  early.connect(in.last_endpoint());
  await_handshakes(events, 1);
  in.pause_accept();
  in.pause_accept();
  push late(ctx_);
  monitor late_events = late.monitor();
  late.connect(in.last_endpoint());
  (void)await_event(late_events, event_kind::connected);  // the system has it in its backlog
  early.send("who is there goes on");
  EXPECT_EQ(must_receive(in).view(), "who is there goes on");
  EXPECT_FALSE(late_events.receive_for(as_result, brief)) << "nobody shakes hands with it";
  EXPECT_EQ(in.peer_count(), 1U);
  in.bind("tcp://127.0.0.1:0");  // one more endpoint pauses as well
  push elsewhere(ctx_);
  elsewhere.connect(in.last_endpoint());
  EXPECT_FALSE(events.receive_for(as_result, brief).value().reason);  // listening
  in.resume_accept();
  await_handshakes(events, 2);
  EXPECT_EQ(in.peer_count(), 3U);
}

// Who finds no place there is not told: it tries again after seconds.
TEST_F(connections, of_hundreds_at_once_find_a_place_while_nobody_accepts) {
  constexpr std::size_t count = 300;
  int allowed = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> allowed;
  if (allowed < static_cast<int>(count)) GTEST_SKIP() << "the system allows a backlog of " << allowed;
  pull in(ctx_);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  in.pause_accept();
  push source(ctx_);
  monitor source_events = source.monitor();
  for (std::size_t i = 0; i < count; ++i) source.connect(in.last_endpoint());
  for (std::size_t i = 0; i < count; ++i) (void)await_event(source_events, event_kind::connected);
  in.resume_accept();
  await_handshakes(events, count);
  EXPECT_EQ(in.peer_count(), count);
}

TEST_F(connections, are_paused_and_resumed_in_any_order_without_losing_one) {
  pull in(ctx_);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  std::vector<push> sources;
  for (int i = 0; i < 20; ++i) {
    in.pause_accept();
    sources.emplace_back(ctx_);
    sources.back().connect(in.last_endpoint());
    in.resume_accept();
    if (i % 3 == 0) {
      in.pause_accept();
      in.resume_accept();
    }
  }
  await_handshakes(events, 20);
}

}  // namespace
}  // namespace monocoque::test
