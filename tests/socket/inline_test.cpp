// A context without threads: driven by run, by blocking calls, by run_for, by another event loop through
// fd().

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <poll.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

class inline_context : public testing::Test {
 protected:
  inline_context() {
    server_.bind("tcp://127.0.0.1:0");
    client_.connect(server_.last_endpoint());
  }
  context ctx_{inline_loop};
  rep server_{ctx_};
  req client_{ctx_};
};

task<> serve(rep& server, int count) {
  for (int i = 0; i < count; ++i) {
    const message request = co_await server.async_receive();
    co_await server.async_send("re: " + request.str());
  }
}

task<int> ask(req& client, int count) {
  int right = 0;
  for (int i = 0; i < count; ++i) {
    co_await client.async_send(std::to_string(i));
    const message reply = co_await client.async_receive();
    if (reply.view() == "re: " + std::to_string(i)) ++right;
  }
  co_return right;
}

TEST_F(inline_context, is_driven_by_run) {
  EXPECT_TRUE(ctx_.is_inline());
  const join_handle<> service = ctx_.spawn(serve(server_, 1000));
  EXPECT_EQ(ctx_.run(ask(client_, 1000)), 1000);
}

TEST_F(inline_context, is_driven_by_blocking_calls) {
  for (int i = 0; i < 100; ++i) {
    client_.send(std::to_string(i));
    const message request = must_receive(server_);
    EXPECT_EQ(request.view(), std::to_string(i));
    server_.send(request);
    EXPECT_EQ(must_receive(client_).view(), std::to_string(i));
  }
}

TEST_F(inline_context, is_driven_by_run_for) {
  join_handle<> service = ctx_.spawn(serve(server_, 10));
  join_handle<int> client = ctx_.spawn(ask(client_, 10));
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!client.done() && std::chrono::steady_clock::now() < give_up) ctx_.run_for(100ms);
  EXPECT_EQ(client.join(), 10);
  EXPECT_TRUE(service.done());
}

TEST_F(inline_context, is_driven_by_poll_alone) {
  const join_handle<> service = ctx_.spawn(serve(server_, 10));
  join_handle<int> client = ctx_.spawn(ask(client_, 10));
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!client.done() && std::chrono::steady_clock::now() < give_up) ctx_.poll();
  EXPECT_EQ(client.join(), 10);
}

TEST_F(inline_context, is_driven_by_another_loop_through_its_descriptor) {
  const join_handle<> service = ctx_.spawn(serve(server_, 100));
  join_handle<int> client = ctx_.spawn(ask(client_, 100));
  pollfd watched{ctx_.fd(), POLLIN, 0};
  ctx_.poll();
  while (!client.done()) {
    ASSERT_EQ(::poll(&watched, 1, static_cast<int>(patience.count())), 1)
        << "the descriptor never became readable";
    ctx_.poll();
  }
  EXPECT_EQ(client.join(), 100);
}

TEST_F(inline_context, makes_its_descriptor_readable_for_timers) {
  join_handle<> sleeper = ctx_.spawn(sleep_for(5ms));
  pollfd watched{ctx_.fd(), POLLIN, 0};
  ctx_.poll();
  while (!sleeper.done()) {
    ASSERT_EQ(::poll(&watched, 1, static_cast<int>(patience.count())), 1);
    ctx_.poll();
  }
}

TEST_F(inline_context, sends_an_answer_at_once) {
  context elsewhere{inline_loop};
  req client{elsewhere};
  client.connect(server_.last_endpoint());
  for (int i = 0; i < 10; ++i) {
    client.send(std::to_string(i));
    std::optional<message> request;
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (!request && std::chrono::steady_clock::now() < give_up) {
      elsewhere.poll();
      ctx_.poll();
      request = server_.try_receive();
    }
    ASSERT_TRUE(request);
    server_.send(*std::move(request));  // after which nobody runs the server's loop
    const std::optional<message> reply = client.receive_for(patience);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->view(), std::to_string(i));
  }
}

TEST_F(inline_context, receives_with_a_deadline) {
  EXPECT_FALSE(server_.receive_for(1ms));
  EXPECT_FALSE(server_.try_receive());
  EXPECT_EQ(server_.receive_for(as_result, 1ms).error(), errc::timed_out);
}

TEST_F(inline_context, hands_exceptions_of_its_tasks_on) {
  const auto fails = []() -> task<int> {
    throw std::runtime_error("on purpose");
    co_return 0;
  };
  EXPECT_THROW((void)ctx_.run(fails()), std::runtime_error);
}

TEST_F(inline_context, says_what_happens_through_the_monitor) {
  pull sink(ctx_);
  monitor events = sink.monitor();
  sink.bind("tcp://127.0.0.1:0");
  push source(ctx_);
  source.connect(sink.last_endpoint());
  source.send("x");
  (void)must_receive(sink);
  std::vector<event_kind> kinds;
  while (const std::optional<event> next = events.try_receive()) kinds.push_back(next->kind);
  EXPECT_EQ(kinds, (std::vector{event_kind::listening, event_kind::accepted, event_kind::handshake_done}));
}

task<> stream(push& out, int count) {
  for (int i = 0; i < count; ++i) co_await out.async_send(std::to_string(i));
}
task<int> count_in_order(pull& in, int count) {
  int right = 0;
  for (int i = 0; i < count; ++i) {
    const message next = co_await in.async_receive();
    if (next.view() == std::to_string(i)) ++right;
  }
  co_return right;
}

TEST_F(inline_context, streams_past_the_high_water_mark) {
  pull in(ctx_, {.receive_high_water_mark = 10});
  in.bind("tcp://127.0.0.1:0");
  push out(ctx_, {.send_high_water_mark = 10});
  out.connect(in.last_endpoint());
  const join_handle<> sender = ctx_.spawn(stream(out, 20'000));
  EXPECT_EQ(ctx_.run(count_in_order(in, 20'000)), 20'000);
}

/// More than the buffers of a connection take.
constexpr int many = 4096;

void send_now(push& out) {
  const std::string filling(1024, 'x');
  for (int i = 0; i < many; ++i) out.send(filling + std::to_string(i));
}

TEST_F(inline_context, lets_blocking_senders_keep_pace_with_the_kernel) {
  const temporary_folder folder;
  pull in(ctx_, {.receive_high_water_mark = 0});
  in.bind(folder.ipc("pace"));
  push out(ctx_, {.send_high_water_mark = 0});
  out.connect(in.last_endpoint());
  out.send("first");
  (void)must_receive(in);
  send_now(out);
  // Nobody has driven the loop but the sender, which need not: its high-water mark is out of reach.
  EXPECT_TRUE(in.try_receive()) << "the loop had no turn";
  for (int i = 1; i < many; ++i) ASSERT_EQ(must_receive(in).view().substr(1024), std::to_string(i));
}

task<> send_in_the_loop(push& out) {
  send_now(out);
  co_return;
}

task<> send_awaiting(push& out) {
  const std::string filling(1024, 'x');
  for (int i = 0; i < many; ++i) co_await out.async_send(filling + std::to_string(i));
}

TEST_F(inline_context, does_not_hold_senders_back_for_a_peer_that_does_not_read) {
  const temporary_folder folder;
  pull in(ctx_, {.receive_high_water_mark = 1});
  in.bind(folder.ipc("stall"));
  push out(ctx_, {.send_high_water_mark = 0});
  out.connect(in.last_endpoint());
  ctx_.run(send_awaiting(out));
  send_now(out);
  for (int i = 0; i < 2 * many; ++i)
    ASSERT_EQ(must_receive(in).view().substr(1024), std::to_string(i % many));
}

TEST_F(inline_context, queues_what_is_sent_without_awaiting_in_a_turn_of_the_loop) {
  const temporary_folder folder;
  pull in(ctx_, {.receive_high_water_mark = 0});
  in.bind(folder.ipc("turn"));
  push out(ctx_, {.send_high_water_mark = 0});
  out.connect(in.last_endpoint());
  ctx_.run(send_in_the_loop(out));
  for (int i = 0; i < many; ++i) ASSERT_EQ(must_receive(in).view().substr(1024), std::to_string(i));
}

}  // namespace
}  // namespace monocoque::test
