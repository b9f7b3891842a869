// The poller waits for sockets and plain descriptors at once.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <unistd.h>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// A pipe that is closed in the end.
struct plain_pipe {
  std::array<int, 2> ends{-1, -1};
  plain_pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~plain_pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  plain_pipe(const plain_pipe&) = delete;
  plain_pipe& operator=(const plain_pipe&) = delete;
  void write() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  void drain() const {
    char got = 0;
    EXPECT_EQ(::read(ends[0], &got, 1), 1);
  }
};

class polling : public testing::TestWithParam<bool> {
 protected:
  polling() {
    in_.bind("tcp://127.0.0.1:0");
    out_.connect(in_.last_endpoint());
  }
  context ctx_inline_{inline_loop};
  context ctx_threaded_;
  context& ctx_ = GetParam() ? ctx_inline_ : ctx_threaded_;
  pull in_{ctx_};
  push out_{ctx_};
  plain_pipe pipe_;
  poller poller_{ctx_};
};

TEST_P(polling, answers_nothing_at_the_deadline) {
  poller_.set(in_, readiness::readable);
  poller_.set(pipe_.ends[0], readiness::readable);
  EXPECT_TRUE(poller_.wait(0ms).empty());
  EXPECT_TRUE(poller_.wait(1ms).empty());
}

TEST_P(polling, sees_a_message_until_it_is_taken) {
  poller_.set(in_, readiness::readable);
  out_.send("x");
  for (int i = 0; i < 2; ++i) {
    const auto ready = poller_.wait(patience);
    ASSERT_EQ(ready.size(), 1U) << "level-triggered";
    EXPECT_EQ(ready[0].ready_socket, &in_);
    EXPECT_EQ(ready[0].fd, -1);
    EXPECT_EQ(ready[0].ready, readiness::readable);
  }
  (void)must_receive(in_);
  EXPECT_TRUE(poller_.wait(0ms).empty());
}

TEST_P(polling, sees_a_descriptor_until_it_is_drained) {
  poller_.set(pipe_.ends[0], readiness::readable);
  pipe_.write();
  for (int i = 0; i < 2; ++i) {
    const auto ready = poller_.wait(patience);
    ASSERT_EQ(ready.size(), 1U);
    EXPECT_EQ(ready[0].ready_socket, nullptr);
    EXPECT_EQ(ready[0].fd, pipe_.ends[0]);
    EXPECT_TRUE(has(ready[0].ready, readiness::readable));
  }
  pipe_.drain();
  EXPECT_TRUE(poller_.wait(0ms).empty());
}

TEST_P(polling, passes_over_what_a_sub_did_not_subscribe_to) {
  xpub feed(ctx_, {.report_subscriptions = subscription_reports::manual});
  sub listener(ctx_);
  feed.bind("tcp://127.0.0.1:0");
  listener.subscribe("b");
  listener.connect(feed.last_endpoint());
  EXPECT_EQ(must_receive(feed).view(), "\1b");
  feed.subscribe_last_peer("");  // as if it had not heard of a cancellation yet
  poller_.set(listener, readiness::readable);
  feed.send("a");
  EXPECT_TRUE(poller_.wait(brief).empty());
  feed.send("b");
  EXPECT_EQ(poller_.wait(patience).size(), 1U);
  EXPECT_EQ(listener.try_receive(as_result).value().view(), "b");
}

TEST_P(polling, sees_room_to_send) {
  push lonely(ctx_);
  poller_.set(lonely, readiness::writable);
  EXPECT_TRUE(poller_.wait(1ms).empty());
  poller_.set(out_, readiness::writable);
  poller_.set(pipe_.ends[1], readiness::writable);
  bool socket_seen = false, pipe_seen = false;
  while (!socket_seen || !pipe_seen) {
    const auto ready = poller_.wait(patience);
    ASSERT_FALSE(ready.empty());
    for (const poller::item& item : ready) {
      EXPECT_NE(item.ready_socket, &lonely);
      (item.fd >= 0 ? pipe_seen : socket_seen) = true;
    }
  }
  poller_.remove(lonely);
}

TEST_P(polling, stops_looking_at_what_was_removed_or_changed) {
  poller_.set(in_, readiness::readable);
  poller_.set(pipe_.ends[0], readiness::readable);
  out_.send("x");
  pipe_.write();
  while (poller_.wait(patience).size() < 2) {
  }
  poller_.remove(pipe_.ends[0]);
  EXPECT_EQ(poller_.wait(0ms).size(), 1U);
  poller_.set(in_, readiness::writable);
  EXPECT_TRUE(poller_.wait(0ms).empty()) << "a PULL is never writable";
  poller_.remove(in_);
  EXPECT_TRUE(poller_.wait(0ms).empty());
}

TEST_P(polling, sees_that_the_other_end_of_a_pipe_is_gone) {
  poller_.set(pipe_.ends[0], readiness::readable);
  ::close(pipe_.ends[1]);
  pipe_.ends[1] = ::dup(pipe_.ends[0]);  // something to close in the end
  const auto ready = poller_.wait(patience);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_TRUE(has(ready[0].ready, readiness::failed) || has(ready[0].ready, readiness::readable));
}

TEST_P(polling, is_cancelled_by_a_token) {
  poller_.set(in_, readiness::readable);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_thrown_by([&] { (void)poller_.wait(patience, stop.get_token()); }), errc::cancelled);
}

TEST_P(polling, as_a_coroutine) {
  const auto both = [](poller& waiting, push& out, plain_pipe& plain) -> task<std::size_t> {
    plain.write();
    co_await out.async_send("x");
    for (;;) {
      const std::vector<poller::item> ready = co_await waiting.async_wait(patience);
      if (ready.size() != 1) co_return ready.size();
      co_await this_task::yield();
    }
  };
  poller_.set(in_, readiness::readable);
  poller_.set(pipe_.ends[0], readiness::readable);
  EXPECT_EQ(ctx_.run(both(poller_, out_, pipe_)), 2U);
  const auto times_out = [](poller& waiting) -> task<std::size_t> {
    const std::vector<poller::item> ready = co_await waiting.async_wait(std::chrono::milliseconds(1));
    co_return ready.size();
  };
  (void)must_receive(in_);
  pipe_.drain();
  EXPECT_EQ(ctx_.run(times_out(poller_)), 0U);
}

INSTANTIATE_TEST_SUITE_P(both, polling, testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "inline_loop" : "threaded"; });

TEST(polling_threads, wakes_for_what_another_thread_does) {
  context ctx;
  pull in(ctx);
  in.bind("tcp://127.0.0.1:0");
  push out(ctx);
  out.connect(in.last_endpoint());
  poller waiting(ctx);
  waiting.set(in, readiness::readable);
  const std::jthread sender([&] {
    for (int i = 0; i < 200; ++i) out.send("x");
  });
  for (int received = 0; received < 200;) {
    ASSERT_FALSE(waiting.wait(patience).empty());
    while (in.try_receive()) ++received;
  }
}

}  // namespace
}  // namespace monocoque::test
