// Queue, forwarder and streamer; capture; steering.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class proxies : public testing::Test {
 protected:
  /// Runs a proxy between two bound sockets until the object goes.
  class running {
   public:
    running(socket& front, socket& back, socket* capture = nullptr)
        : thread_([&front, &back, capture](std::stop_token stop) { proxy(front, back, capture, stop); }) {}

   private:
    std::jthread thread_;
  };

  template <class Socket>
  static std::string bound(Socket& socket) {
    socket.bind("tcp://127.0.0.1:0");
    return socket.last_endpoint();
  }
  context ctx_;
};

TEST_F(proxies, queue_requests_and_bring_replies_back) {
  router front(ctx_);
  dealer back(ctx_);
  const std::string front_place = bound(front), back_place = bound(back);
  const running queue(front, back);
  rep worker(ctx_);
  worker.connect(back_place);
  req client(ctx_);
  client.connect(front_place);
  for (int i = 0; i < 50; ++i) {
    client.send(message::of({std::to_string(i), "", "x"}));
    message request = must_receive(worker);
    EXPECT_EQ(request, message::of({std::to_string(i), "", "x"}));
    worker.send(request.push_back("done"));
    EXPECT_EQ(must_receive(client), message::of({std::to_string(i), "", "x", "done"}));
  }
}

TEST_F(proxies, forward_news_one_way_and_subscriptions_the_other) {
  xsub front(ctx_);
  xpub back(ctx_);
  const std::string front_place = bound(front), back_place = bound(back);
  const running forwarder(front, back);
  xpub publisher(ctx_);
  publisher.connect(front_place);
  sub reader(ctx_);
  reader.subscribe("topic");
  reader.connect(back_place);
  EXPECT_EQ(must_receive(publisher).view(), "\x01topic");
  publisher.send(message::of({"other", "x"}));
  publisher.send(message::of({"topic", "x"}));
  EXPECT_EQ(must_receive(reader), message::of({"topic", "x"}));
}

TEST_F(proxies, stream_jobs_and_show_them_to_the_capture) {
  pull front(ctx_);
  push back(ctx_), capture(ctx_);
  const std::string front_place = bound(front), back_place = bound(back), capture_place = bound(capture);
  pull sink(ctx_), witness(ctx_);
  sink.connect(back_place);
  monitor events = capture.monitor();
  witness.connect(capture_place);
  await_handshakes(events, 1);
  const running streamer(front, back, &capture);
  push source(ctx_);
  source.connect(front_place);
  for (int i = 0; i < 200; ++i) source.send(message::of({std::to_string(i), "x"}));
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(must_receive(sink), message::of({std::to_string(i), "x"}));
    EXPECT_EQ(must_receive(witness), message::of({std::to_string(i), "x"}));
  }
}

TEST_F(proxies, end_when_a_socket_is_closed) {
  pull front(ctx_);
  push back(ctx_);
  bound(front);
  bound(back);
  const std::jthread moving([&] { proxy(front, back); });
  front.close();
}

TEST_F(proxies, obey_their_control_socket) {
  pull front(ctx_);
  push back(ctx_);
  rep control(ctx_);
  const std::string front_place = bound(front), back_place = bound(back), control_place = bound(control);
  const std::jthread steered([&] { proxy_steerable(front, back, nullptr, control); });
  req lever(ctx_);
  lever.connect(control_place);
  push source(ctx_);
  source.connect(front_place);
  pull sink(ctx_);
  sink.connect(back_place);
  const auto order = [&](const char* word) {
    lever.send(word);
    return must_receive(lever);
  };

  source.send("12345");
  EXPECT_EQ(must_receive(sink).view(), "12345");
  EXPECT_EQ(order("PAUSE"), message());
  source.send("67");
  EXPECT_FALSE(sink.receive_for(brief));
  EXPECT_EQ(order("RESUME"), message());
  EXPECT_EQ(must_receive(sink).view(), "67");

  const message numbers = order("STATISTICS");
  ASSERT_EQ(numbers.size(), 8U);
  const auto number = [&](std::size_t index) {
    std::uint64_t value = 0;
    EXPECT_EQ(numbers[index].size(), sizeof value);
    std::memcpy(&value, numbers[index].data(), sizeof value);
    return value;
  };
  EXPECT_EQ(number(0), 2U);  // messages in at the front
  EXPECT_EQ(number(1), 7U);  // bytes
  EXPECT_EQ(number(2), 0U);  // and nothing out
  EXPECT_EQ(number(6), 2U);  // messages out at the back
  EXPECT_EQ(number(7), 7U);
  EXPECT_EQ(order("TERMINATE"), message());
}

TEST(proxy_coroutine, counts_and_ends_when_cancelled) {
  context ctx(inline_loop);
  pull front(ctx), sink(ctx);
  push back(ctx), source(ctx);
  front.bind("tcp://127.0.0.1:0");
  back.bind("tcp://127.0.0.1:0");
  source.connect(front.last_endpoint());
  sink.connect(back.last_endpoint());
  join_handle<proxy_statistics> moving = ctx.spawn(async_proxy(front, back));
  for (int i = 0; i < 100; ++i) {
    source.send(std::to_string(i));
    EXPECT_EQ(must_receive(sink).view(), std::to_string(i));
  }
  moving.request_stop();
  const auto outcome = [](join_handle<proxy_statistics> handle) -> task<std::uint64_t> {
    const proxy_statistics moved = co_await std::move(handle);
    co_return moved.backend_messages_out;
  };
  EXPECT_EQ(ctx.run(outcome(std::move(moving))), 100U);
}

}  // namespace
}  // namespace monocoque::test
