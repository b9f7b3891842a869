// The ends: close, linger, shutdown, contexts and sockets that go in any order.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

TEST(close, sends_what_is_queued_first) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  for (int i = 0; i < 500; ++i) out.send(std::to_string(i));
  EXPECT_EQ(out.close(patience), 0U);
  EXPECT_EQ(out.close(), 0U) << "closing twice is closing once";
  for (int i = 0; i < 500; ++i) EXPECT_EQ(must_receive(in).view(), std::to_string(i));
}

TEST(close, returns_at_its_deadline_and_counts_what_it_dropped) {
  context ctx;
  push out(ctx);
  out.connect("tcp://127.0.0.1:1");
  for (int i = 0; i < 4; ++i) out.send("for nobody");
  EXPECT_EQ(out.close(1ms), 4U);
}

TEST(close, drops_at_once_without_linger) {
  context ctx;
  push out(ctx, {.linger = 0ms});
  out.connect("tcp://127.0.0.1:1");
  out.send("for nobody");
  EXPECT_EQ(out.close(), 1U);
}

TEST(close, waits_no_longer_than_the_linger_time) {
  context ctx;
  push out(ctx, {.linger = 10ms});
  out.connect("tcp://127.0.0.1:1");
  out.send("for nobody");
  EXPECT_EQ(out.close(), 1U);
}

TEST(close, of_a_moved_socket_closes_it_once) {
  context ctx;
  pull first(ctx);
  first.bind("tcp://127.0.0.1:0");
  const std::string place = first.last_endpoint();
  pull second(std::move(first));
  EXPECT_EQ(second.last_endpoint(), place);
  pull third(ctx);
  third = std::move(second);
  push out(ctx);
  out.connect(place);
  out.send("x");
  EXPECT_EQ(must_receive(third).view(), "x");
}

TEST(close, ends_the_monitor_after_its_last_event) {
  context ctx;
  pull in(ctx);
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  in.close();
  (void)await_event(events, event_kind::listening);
  for (;;) {
    const result<event> next = events.receive_for(as_result, patience);
    if (next) continue;
    EXPECT_EQ(next.error(), errc::closed);
    break;
  }
}

TEST(close, in_an_inline_context_drives_the_loop) {
  context ctx(inline_loop);
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  for (int i = 0; i < 100; ++i) out.send(std::to_string(i));
  EXPECT_EQ(out.close(patience), 0U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(must_receive(in).view(), std::to_string(i));
}

TEST(shutdown, ends_the_calls_of_8_threads) {
  context ctx;
  std::vector<std::unique_ptr<dealer>> sockets;
  for (int i = 0; i < 4; ++i) sockets.push_back(std::make_unique<dealer>(ctx));
  std::atomic<int> ended = 0;
  std::vector<std::jthread> threads;
  for (auto& socket : sockets) {
    threads.emplace_back([&ended, &socket] {
      EXPECT_EQ(socket->receive(as_result).error(), errc::terminated);
      ++ended;
    });
    threads.emplace_back([&ended, &socket] {
      EXPECT_EQ(socket->send(as_result, "x").error(), errc::terminated);
      ++ended;
    });
  }
  std::this_thread::sleep_for(10ms);  // not needed for the outcome; makes it likely that they wait
  ctx.shutdown();
  ctx.shutdown();
  threads.clear();
  EXPECT_EQ(ended, 8);
  EXPECT_EQ(sockets[0]->receive(as_result).error(), errc::terminated);
  EXPECT_EQ(sockets[0]->try_receive(as_result).error(), errc::terminated);
}

TEST(shutdown, ends_pollers_and_coroutines) {
  context ctx;
  dealer socket(ctx);
  const auto waits = [](dealer& waiting) -> task<> { (void)co_await waiting.async_receive(); };
  join_handle<> coroutine = ctx.spawn(waits(socket));
  std::jthread polling([&] {
    poller waiting(ctx);
    waiting.set(socket, readiness::readable);
    EXPECT_EQ(code_thrown_by([&] { (void)waiting.wait(patience); }), errc::terminated);
  });
  ctx.shutdown();
  EXPECT_EQ(code_thrown_by([&] { coroutine.join(); }), errc::terminated);
}

TEST(context_end, may_come_before_its_sockets) {
  std::optional<context> ctx(std::in_place);
  pull in(*ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(*ctx);
  out.connect(in.last_endpoint());
  out.send("x");
  (void)must_receive(in);
  ctx.reset();
  EXPECT_EQ(in.receive(as_result).error(), errc::terminated);
  EXPECT_EQ(out.send(as_result, "x").error(), errc::terminated);
  EXPECT_FALSE(in.bind(as_result, "tcp://127.0.0.1:0"));
}

TEST(context_end, stops_the_coroutines_it_spawned) {
  std::atomic<bool> ended = false;
  {
    context ctx;
    pull in(ctx);
    const auto endless = [](pull& from, std::atomic<bool>& told) -> task<> {
      const result<message> received = co_await from.async_receive(as_result);
      EXPECT_FALSE(received);
      told = true;
    };
    ctx.spawn(endless(in, ended)).detach();
    ctx.run([](pull& from) -> task<> { (void)co_await from.async_receive_for(1ms); }(in));
    ctx.shutdown();
  }
  EXPECT_TRUE(ended);
}

TEST(context_end, of_an_inline_one_with_open_sockets) {
  for (int round = 0; round < 3; ++round) {
    context ctx(inline_loop);
    pull in(ctx);
    in.bind("tcp://127.0.0.1:0");
    push out(ctx, {.linger = 0ms});
    out.connect(in.last_endpoint());
    if (round > 0) ctx.poll();
    if (round > 1) out.send("x");
  }
}

TEST(context_end, of_many_made_and_gone) {
  for (int i = 0; i < 20; ++i) {
    const context ctx;
  }
  for (int i = 0; i < 20; ++i) {
    const context ctx(inline_loop);
  }
}

}  // namespace
}  // namespace monocoque::test
