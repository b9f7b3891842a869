// High-water marks reached and left, and the last messages at close.

#include "tests/interop/convert.hpp"
#include "tests/interop/zmq_peer.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <optional>

namespace monocoque::test {
namespace {

constexpr int small_buffer = 4096;
const std::string block(2000, 'b');

class backpressure : public testing::TestWithParam<wire> {
 protected:
  [[nodiscard]] std::string endpoint() const { return fresh_endpoint(GetParam(), folder_); }

  temporary_folder folder_;
  context ctx_;
  zmq_context libzmq_;
};

TEST_P(backpressure, a_slow_libzmq_puller_stops_our_pusher_and_lets_it_go_on) {
  zmq_peer slow(libzmq_, socket_type::pull);
  slow.set(ZMQ_RCVHWM, 5);
  slow.set(ZMQ_RCVBUF, small_buffer);
  push out(ctx_, {.send_high_water_mark = 5, .linger = patience, .kernel_send_buffer = small_buffer});
  monitor events = out.monitor();
  out.connect(slow.bind(endpoint()));
  await_handshakes(events, 1);

  int sent = 0;
  for (;;) {
    message next = message::of({std::to_string(sent), block});
    if (!out.send_for(next, brief * 4)) {
      EXPECT_EQ(next.size(), 2U) << "what was not sent is untouched";
      break;
    }
    ASSERT_LT(++sent, 100'000);
  }
  EXPECT_GE(sent, 5);
  EXPECT_FALSE(out.can_send());
  for (int i = 0; i < sent; ++i) EXPECT_EQ(slow.receive(), (frames{std::to_string(i), block}));
  out.send("again");
  EXPECT_EQ(slow.receive(), frames{"again"});
  EXPECT_EQ(out.dropped_count(), 0U);
}

TEST_P(backpressure, our_slow_puller_stops_a_libzmq_pusher_and_lets_it_go_on) {
  pull slow(ctx_, {.receive_high_water_mark = 5, .kernel_receive_buffer = small_buffer});
  slow.bind(endpoint());
  zmq_peer out(libzmq_, socket_type::push);
  out.set(ZMQ_SNDHWM, 5);
  out.set(ZMQ_SNDBUF, small_buffer);
  out.connect(slow.last_endpoint());

  int sent = 0;
  out.set(ZMQ_SNDTIMEO, 200);
  try {
    for (; sent < 100'000; ++sent) out.send({std::to_string(sent), block});
  } catch (const std::runtime_error&) {
    // libzmq's queue is full, because ours is.
  }
  EXPECT_GE(sent, 5);
  ASSERT_LT(sent, 100'000) << "nothing held the sender back";
  for (int i = 0; i < sent; ++i) EXPECT_EQ(to_frames(must_receive(slow)), (frames{std::to_string(i), block}));
  out.set(ZMQ_SNDTIMEO, static_cast<int>(patience.count()));
  out.send({"again"});
  EXPECT_EQ(must_receive(slow).view(), "again");
}

TEST_P(backpressure, a_slow_libzmq_subscriber_loses_messages_and_a_quick_one_none) {
  zmq_peer slow(libzmq_, socket_type::sub);
  slow.set(ZMQ_RCVHWM, 1);
  slow.set(ZMQ_RCVBUF, small_buffer);
  xpub out(ctx_, {.send_high_water_mark = 10,
                  .linger = std::chrono::milliseconds(0),
                  .kernel_send_buffer = small_buffer});
  out.bind(endpoint());
  slow.subscribe("slow");
  slow.connect(out.last_endpoint());
  EXPECT_EQ(must_receive(out).view(), "\x01slow");
  zmq_peer quick(libzmq_, socket_type::sub);
  quick.subscribe("");
  quick.connect(out.last_endpoint());
  EXPECT_EQ(must_receive(out).view(), "\x01");

  for (int i = 0; out.dropped_count() == 0 && i < 100'000; ++i) {
    out.send(message::of({"slow", block}));
    EXPECT_EQ(quick.receive(), (frames{"slow", block}));
  }
  EXPECT_GT(out.dropped_count(), 0U);
  slow.set(ZMQ_LINGER, 0);
}

TEST_P(backpressure, close_delivers_what_was_queued) {
  zmq_peer sink(libzmq_, socket_type::pull);
  const std::string place = sink.bind(endpoint());
  constexpr int count = 1000;
  {
    push out(ctx_);
    out.connect(place);
    for (int i = 0; i < count; ++i) out.send(std::to_string(i));
    EXPECT_EQ(out.close(patience), 0U);
  }
  for (int i = 0; i < count; ++i) EXPECT_EQ(sink.receive(), frames{std::to_string(i)});
}

TEST_P(backpressure, the_destructor_lingers_in_the_background) {
  zmq_peer sink(libzmq_, socket_type::pull);
  const std::string place = sink.bind(endpoint());
  constexpr int count = 1000;
  {
    push out(ctx_, {.linger = patience});
    out.connect(place);
    for (int i = 0; i < count; ++i) out.send(std::to_string(i));
  }
  for (int i = 0; i < count; ++i) EXPECT_EQ(sink.receive(), frames{std::to_string(i)});
}

TEST_P(backpressure, the_end_of_the_context_waits_for_the_last_messages) {
  zmq_peer sink(libzmq_, socket_type::pull);
  const std::string place = sink.bind(endpoint());
  {
    context short_lived;
    push out(short_lived, {.linger = patience});
    out.connect(place);
    for (int i = 0; i < 100; ++i) out.send(std::to_string(i));
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sink.receive(), frames{std::to_string(i)});
}

TEST_P(backpressure, close_counts_what_nobody_took) {
  push out(ctx_, {.linger = std::chrono::milliseconds(0)});
  out.connect(GetParam() == wire::tcp ? "tcp://127.0.0.1:1" : folder_.ipc("nobody"));
  for (int i = 0; i < 3; ++i) out.send("for nobody");
  EXPECT_EQ(out.close(), 3U);
}

INSTANTIATE_TEST_SUITE_P(all, backpressure, testing::Values(wire::tcp, wire::ipc), wire_name);

}  // namespace
}  // namespace monocoque::test
