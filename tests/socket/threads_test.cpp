// Sockets of a threaded context are shared by threads: nothing is torn, lost or doubled.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

constexpr int threads = 4;
constexpr int each = 2000;

TEST(shared_sockets, send_multipart_messages_whole) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  std::vector<std::jthread> senders;
  for (int i = 0; i < threads; ++i) {
    senders.emplace_back([&out, name = std::to_string(i)] {
      for (int n = 0; n < each; ++n)
        out.send(message::of({name, std::to_string(n), std::string(100, name[0]), name}));
    });
  }
  std::vector<int> next(threads);
  for (int n = 0; n < threads * each; ++n) {
    const message received = must_receive(in);
    ASSERT_EQ(received.size(), 4U);
    ASSERT_EQ(received[0], received[3]);
    ASSERT_EQ(received[2], std::string(100, received[0].view()[0]));
    int& expected = next.at(static_cast<std::size_t>(std::stoi(received[0].str())));
    ASSERT_EQ(received[1], std::to_string(expected++)) << "one thread's messages stay in order";
  }
  EXPECT_EQ(next, std::vector<int>(threads, each));
}

TEST(shared_sockets, give_each_message_to_one_receiver) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  std::vector<std::vector<int>> taken(threads);
  {
    std::vector<std::jthread> receivers;
    for (auto& mine : taken) {
      receivers.emplace_back([&in, &mine] {
        for (;;) {
          const message received = must_receive(in);
          if (received.view() == "end") return;
          mine.push_back(std::stoi(received.str()));
        }
      });
    }
    for (int n = 0; n < each; ++n) out.send(std::to_string(n));
    for (int i = 0; i < threads; ++i) out.send("end");
  }
  std::vector<int> seen(each);
  for (const auto& mine : taken) {
    EXPECT_TRUE(std::ranges::is_sorted(mine));
    for (const int n : mine) ++seen.at(static_cast<std::size_t>(n));
  }
  EXPECT_EQ(seen, std::vector<int>(each, 1));
}

TEST(shared_sockets, serve_requests_of_many_clients_from_one_dealer_each) {
  context ctx;
  router server(ctx);
  server.bind("tcp://127.0.0.1:0");
  std::jthread service([&](std::stop_token stop) {
    while (result<message> request = server.receive(as_result, stop)) server.send(*std::move(request));
  });
  std::vector<std::jthread> clients;
  for (int i = 0; i < threads; ++i) {
    clients.emplace_back([&ctx, place = server.last_endpoint(), i] {
      dealer client(ctx);
      client.connect(place);
      for (int n = 0; n < 300; ++n) {
        const std::string text = std::to_string(i) + "/" + std::to_string(n);
        client.send(text);
        EXPECT_EQ(must_receive(client).view(), text);
      }
    });
  }
}

TEST(shared_sockets, are_bound_watched_and_asked_from_many_threads) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  const std::string place = in.last_endpoint();
  std::vector<std::jthread> busy;
  for (int i = 0; i < threads; ++i) {
    busy.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        push out(ctx);
        monitor events = out.monitor();
        out.connect(place);
        out.send("x");
        (void)in.can_receive();
        (void)in.peer_count();
        (void)in.last_endpoint();
        in.bind("tcp://127.0.0.1:0");
        (void)in.receive_for(patience);
        await_handshakes(events, 1);
      }
    });
  }
}

TEST(shared_sockets, mix_coroutines_and_blocking_calls) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  const auto produce = [](push& to) -> task<> {
    for (int n = 0; n < each; ++n) co_await to.async_send(std::to_string(n));
  };
  join_handle<> producer = ctx.spawn(produce(out));
  for (int n = 0; n < each; ++n) EXPECT_EQ(must_receive(in).view(), std::to_string(n));
  producer.join();
}

task<bool> blocks_on_its_own_thread(pull& in) {
  const result<message> received = in.receive(as_result);
  co_return !received && received.error() == errc::would_deadlock;
}

TEST(shared_sockets, refuse_to_block_the_io_thread) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  EXPECT_TRUE(ctx.run(blocks_on_its_own_thread(in)));
}

}  // namespace
}  // namespace monocoque::test
