// inproc:// under load: threads that block, spin, wake each other, come and go; coroutines; pollers.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* place = "inproc://here";

/// High-water marks of the sender and of the receiver.
using marks = std::pair<int, int>;

class inproc_stream : public testing::TestWithParam<marks> {};
INSTANTIATE_TEST_SUITE_P(all, inproc_stream,
                         testing::Values(marks{1, 1}, marks{1, 2}, marks{3, 5}, marks{100, 100},
                                         marks{1000, 1000}, marks{0, 0}),
                         [](const testing::TestParamInfo<marks>& parameter) {
                           return std::to_string(parameter.param.first) + "_" +
                                  std::to_string(parameter.param.second);
                         });

TEST_P(inproc_stream, keeps_order_between_two_threads) {
  constexpr int count = 20'000;
  context ctx;
  pull in(ctx, {.receive_high_water_mark = GetParam().second});
  in.bind(place);
  std::jthread sender([&] {
    push out(ctx, {.send_high_water_mark = GetParam().first});
    out.connect(place);
    for (int i = 0; i < count; ++i) {
      if (i % 3 == 0) {
        out.send(std::to_string(i));
      } else if (i % 3 == 1) {
        out.send(message(std::to_string(i)));
      } else {
        out.send(message::of({std::to_string(i), "second"}));
      }
    }
  });
  for (int i = 0; i < count; ++i) {
    const message got = must_receive(in);
    ASSERT_EQ(got.view(), std::to_string(i));
    ASSERT_EQ(got.size(), i % 3 == 2 ? 2U : 1U);
  }
}

TEST_P(inproc_stream, keeps_order_between_coroutines_of_one_loop) {
  constexpr int count = 20'000;
  context ctx(inline_loop);
  pull in(ctx, {.receive_high_water_mark = GetParam().second});
  in.bind(place);
  push out(ctx, {.send_high_water_mark = GetParam().first});
  out.connect(place);
  const auto send_all = [](push& to) -> task<> {
    for (int i = 0; i < count; ++i) co_await to.async_send(std::to_string(i));
  };
  const auto receive_all = [](pull& from) -> task<int> {
    int right = 0;
    for (int i = 0; i < count; ++i) {
      const message got = co_await from.async_receive();
      if (got.view() == std::to_string(i)) ++right;
    }
    co_return right;
  };
  const join_handle<> sender = ctx.spawn(send_all(out));
  EXPECT_EQ(ctx.run(receive_all(in)), count);
}

TEST_P(inproc_stream, mixes_coroutines_and_blocking_calls) {
  constexpr int count = 5'000;
  context ctx;
  pull in(ctx, {.receive_high_water_mark = GetParam().second});
  in.bind(place);
  push out(ctx, {.send_high_water_mark = GetParam().first});
  out.connect(place);
  const auto send_all = [](push& to) -> task<> {
    for (int i = 0; i < count; ++i) co_await to.async_send(std::to_string(i));
  };
  join_handle<> sender = ctx.spawn(send_all(out));
  for (int i = 0; i < count; ++i) ASSERT_EQ(must_receive(in).view(), std::to_string(i));
  sender.join();
}

TEST(inproc_threads, ask_and_answer) {
  for (const auto spin :
       {std::optional<std::chrono::microseconds>(), std::optional(0us), std::optional(20us)}) {
    context ctx({.spin = spin});
    rep server(ctx);
    server.bind(place);
    std::jthread service([&](std::stop_token stop) {
      while (result<message> request = server.receive(as_result, stop)) server.send(*std::move(request));
    });
    req client(ctx);
    client.connect(place);
    for (int i = 0; i < 2000; ++i) {
      client.send(std::to_string(i));
      ASSERT_EQ(must_receive(client).view(), std::to_string(i));
    }
  }
}

TEST(inproc_threads, share_sockets) {
  constexpr int threads = 4;
  constexpr int each = 2000;
  context ctx;
  pull in(ctx);
  in.bind(place);
  push out(ctx, {.send_high_water_mark = 10});
  out.connect(place);
  std::vector<std::jthread> senders;
  for (int i = 0; i < threads; ++i) {
    senders.emplace_back([&out] {
      for (int n = 0; n < each; ++n) out.send(message::of({std::to_string(n), std::string(100, 'x')}));
    });
  }
  std::vector<std::atomic<int>> seen(each);
  {
    std::vector<std::jthread> receivers;
    for (int i = 0; i < threads; ++i) {
      receivers.emplace_back([&] {
        for (int n = 0; n < each; ++n) ++seen.at(static_cast<std::size_t>(std::stoi(must_receive(in).str())));
      });
    }
  }
  for (const auto& count : seen) EXPECT_EQ(count, threads);
}

TEST(inproc_threads, serve_clients_that_come_and_go) {
  context ctx;
  router server(ctx);
  server.bind(place);
  std::jthread service([&](std::stop_token stop) {
    while (result<message> request = server.receive(as_result, stop)) server.send(*std::move(request));
  });
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&ctx, i] {
      for (int life = 0; life < 30; ++life) {
        dealer client(ctx);
        client.connect(place);
        for (int n = 0; n < 20; ++n) {
          const std::string text = std::to_string(i) + "/" + std::to_string(n);
          client.send(text);
          ASSERT_EQ(must_receive(client).view(), text);
        }
        if (life % 2 == 0) client.send("nobody waits for this answer");
      }
    });
  }
}

TEST(inproc_threads, bind_and_connect_at_the_same_time) {
  for (int round = 0; round < 50; ++round) {
    context ctx;
    pull in(ctx);
    std::jthread binding([&] { in.bind(place); });
    std::vector<std::jthread> connecting;
    for (int i = 0; i < 3; ++i) {
      connecting.emplace_back([&] {
        push out(ctx);
        out.connect(place);
        out.send("x");
      });
    }
    for (int i = 0; i < 3; ++i) EXPECT_EQ(must_receive(in).view(), "x");
  }
}

TEST(inproc_threads, connect_send_and_close_while_the_name_is_bound) {
  constexpr int threads = 30;
  for (int round = 0; round < 20; ++round) {
    context ctx;
    std::vector<std::jthread> connecting;
    for (int i = 0; i < threads; ++i) {
      connecting.emplace_back([&ctx] {
        push out(ctx);
        out.connect(place);
        out.send("x");
      });
    }
    pull in(ctx);
    in.bind(place);
    for (int i = 0; i < threads; ++i) ASSERT_EQ(must_receive(in).view(), "x") << i;
  }
}

TEST(inproc_threads, unbind_and_disconnect_under_fire) {
  context ctx;
  for (int round = 0; round < 30; ++round) {
    dealer bound(ctx, {.send_timeout = 1ms, .receive_timeout = 1ms});
    dealer connected(ctx, {.send_timeout = 1ms, .receive_timeout = 1ms});
    bound.bind(place);
    connected.connect(place);
    std::vector<std::jthread> busy;
    for (dealer* each : {&bound, &connected}) {
      busy.emplace_back([each](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          message what("x");
          static_cast<void>(each->try_send(what));
          static_cast<void>(each->try_receive());
          static_cast<void>(each->can_receive());
        }
      });
    }
    round % 2 == 0 ? bound.unbind(place) : connected.disconnect(place);
  }
}

TEST(inproc_threads, publish_to_many_readers) {
  constexpr int readers = 8;
  constexpr int count = 2000;
  context ctx;
  xpub feed(ctx, {.no_drop = true});
  feed.bind(place);
  std::vector<std::jthread> threads;
  for (int i = 0; i < readers; ++i) {
    threads.emplace_back([&ctx, i] {
      sub reader(ctx, {.receive_high_water_mark = 10});
      reader.subscribe("n");
      reader.subscribe(std::to_string(i));
      reader.connect(place);
      for (int n = 0; n < count; ++n) ASSERT_EQ(must_receive(reader).view(), "n" + std::to_string(n));
      ASSERT_EQ(must_receive(reader).view(), std::to_string(i));
    });
  }
  for (int i = 0; i <= readers; ++i) (void)must_receive(feed);  // "n" once, and each one's own
  while (feed.peer_count() < readers) std::this_thread::yield();
  for (int n = 0; n < count; ++n) feed.send("n" + std::to_string(n));
  for (int i = 0; i < readers; ++i) feed.send(std::to_string(i));
}

TEST(inproc_threads, that_block_are_ended_by_deadline_token_and_shutdown) {
  context ctx;
  dealer bound(ctx, {.receive_high_water_mark = 1}), connected(ctx, {.send_high_water_mark = 1});
  bound.bind(place);
  connected.connect(place);
  EXPECT_EQ(bound.receive_for(as_result, 1ms).error(), errc::timed_out);
  while (connected.try_send("fill")) {
  }
  message what("x");
  EXPECT_EQ(connected.send_for(as_result, what, 1ms).error(), errc::timed_out);
  std::stop_source stop;
  std::latch cancelled(2);
  std::jthread receiving([&] {
    EXPECT_EQ(connected.receive(as_result, stop.get_token()).error(), errc::cancelled);
    cancelled.count_down();
    EXPECT_EQ(connected.receive(as_result).error(), errc::terminated);
  });
  std::jthread sending([&] {
    EXPECT_EQ(connected.send(as_result, "x", stop.get_token()).error(), errc::cancelled);
    cancelled.count_down();
    EXPECT_EQ(connected.send(as_result, "x").error(), errc::terminated);
  });
  stop.request_stop();
  cancelled.wait();
  ctx.shutdown();
}

TEST(inproc_threads, poll_several_sockets) {
  context ctx;
  pull one(ctx), two(ctx);
  one.bind("inproc://one");
  two.bind("inproc://two");
  constexpr int count = 500;
  std::jthread sender([&] {
    push to_one(ctx), to_two(ctx);
    to_one.connect("inproc://one");
    to_two.connect("inproc://two");
    for (int i = 0; i < count; ++i) {
      to_one.send(std::to_string(i));
      to_two.send(std::to_string(i));
    }
  });
  poller waiting(ctx);
  waiting.set(one, readiness::readable);
  waiting.set(two, readiness::readable);
  int next_one = 0, next_two = 0;
  while (next_one < count || next_two < count) {
    const auto ready = waiting.wait(patience);
    ASSERT_FALSE(ready.empty());
    for (const poller::item& each : ready) {
      pull& from = each.ready_socket == &one ? one : two;
      int& next = each.ready_socket == &one ? next_one : next_two;
      const std::optional<message> got = from.try_receive();
      ASSERT_TRUE(got) << "readable means readable";
      ASSERT_EQ(got->view(), std::to_string(next++));
    }
  }
  EXPECT_TRUE(waiting.wait(1ms).empty());
}

TEST(inproc_threads, wait_for_both_a_tcp_and_an_inproc_peer) {
  context ctx;
  router hub(ctx);
  hub.bind(place);
  hub.bind("tcp://127.0.0.1:0");
  const std::string far = hub.last_endpoint();
  constexpr int count = 300;
  std::vector<std::jthread> peers;
  for (const std::string& endpoint : {std::string(place), far}) {
    peers.emplace_back([&ctx, endpoint] {
      dealer peer(ctx);
      peer.connect(endpoint);
      for (int i = 0; i < count; ++i) {
        peer.send("x");
        (void)must_receive(peer);
      }
    });
  }
  std::jthread answers([&] {
    for (int i = 0; i < 2 * count; ++i) {
      hub.send(must_receive(hub));
    }
  });
}

}  // namespace
}  // namespace monocoque::test
