// Queues of large messages: half of them would be more than caches and spare memory hold, so they go on
// earlier than others, and nobody is passed over for it.
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace monocoque::test {
namespace {

constexpr std::size_t large = 64 * 1024;
constexpr std::size_t megabyte = 1024 * 1024;
constexpr int small_buffer = 64 * 1024;  // of the kernel, so that the queues are what counts
constexpr int many_polls = 20'000;
constexpr std::chrono::milliseconds at_once{0};

class large_messages : public testing::Test {
 protected:
  /// Sends until nothing can be sent however often the loop runs.
  void fill(push& out) {
    for (int refused = 0; refused < 200; ++refused) {
      if (out.try_send(payload_)) refused = 0;
      ctx_.poll();
    }
  }
  template <class Done>
  bool poll_until(Done done) {
    for (int i = 0; i < many_polls; ++i) {
      if (done()) return true;
      ctx_.poll();
    }
    return false;
  }
  // Over ipc, since TCP is slow with buffers smaller than a segment.
  void meet(push& out, pull& in, std::size_t peers = 1) {
    in.bind(folder_.ipc(std::to_string(peers)));
    out.connect(in.last_endpoint());
    ASSERT_TRUE(poll_until([&] { return out.peer_count() == peers; }));
  }

  const temporary_folder folder_;
  context ctx_{inline_loop};
  const std::string payload_ = std::string(large, 'x');
};

TEST_F(large_messages, are_sent_again_before_half_of_a_full_queue_is_out) {
  pull in(ctx_, {.receive_high_water_mark = 1});
  push out(ctx_, {.send_high_water_mark = 100, .linger = at_once, .kernel_send_buffer = small_buffer});
  meet(out, in);
  fill(out);
  int taken = 0;
  for (; !out.can_send(); ++taken) {
    (void)must_receive(in);
    ctx_.poll();
  }
  EXPECT_LT(taken, 40);  // a quarter of 100, and not half
  EXPECT_GT(taken, 10);
}

TEST_F(large_messages, are_read_again_before_half_of_a_full_queue_is_taken) {
  pull in(ctx_, {.receive_high_water_mark = 100});
  push out(ctx_, {.send_high_water_mark = 0, .linger = at_once});
  meet(out, in);
  for (int i = 0; i < 300; ++i) out.send(payload_);
  const auto waiting = [&] { return in.stats().receive_queue.messages; };
  ASSERT_TRUE(poll_until([&] { return waiting() >= 100; }));
  for (int i = 0; i < 35; ++i) ASSERT_TRUE(in.try_receive());
  const auto left = waiting();
  EXPECT_TRUE(poll_until([&] { return waiting() > left; }));
  for (int i = 35; i < 300; ++i) EXPECT_EQ(must_receive(in).byte_count(), large);
}

TEST_F(large_messages, to_a_slow_peer_do_not_keep_a_total_from_the_others) {
  push out(ctx_, {.send_high_water_mark = 0,
                  .send_byte_limit_total = 4 * megabyte,
                  .linger = at_once,
                  .kernel_send_buffer = small_buffer});
  pull slow(ctx_, {.receive_high_water_mark = 1});
  pull fast(ctx_);
  meet(out, slow);
  meet(out, fast, 2);
  constexpr int steps = 600;
  int lately = 0;
  for (int step = 0; step < steps; ++step) {
    while (out.try_send(payload_)) {
    }
    (void)must_receive(slow);
    ctx_.poll();
    while (fast.try_receive()) lately += step >= steps / 2 ? 1 : 0;
  }
  EXPECT_GT(lately, 40);
}

TEST_F(large_messages, of_one_peer_do_not_keep_a_total_from_the_others) {
  constexpr int wanted = 10;
  pull in(ctx_, {.receive_high_water_mark = 0, .receive_byte_limit_total = 4 * megabyte});
  push flood(ctx_, {.send_high_water_mark = 0, .linger = at_once});
  push other(ctx_, {.send_high_water_mark = 0, .linger = at_once});
  meet(flood, in);
  other.connect(in.last_endpoint());
  ASSERT_TRUE(poll_until([&] { return in.peer_count() == 2; }));
  const auto keep_flooding = [&] {
    while (flood.stats().send_queue.messages < 200) flood.send(payload_);
  };
  keep_flooding();
  ASSERT_TRUE(poll_until([&] { return in.stats().receive_queue.bytes >= 4 * megabyte; }));
  for (int i = 0; i < wanted; ++i) other.send(std::string(large, 'o'));
  int came = 0;
  for (int taken = 0; taken < 1000 && came < wanted; ++taken) {
    if (must_receive(in).view().front() == 'o') ++came;
    ctx_.poll();
    keep_flooding();
  }
  EXPECT_EQ(came, wanted);
}

task<> send_ahead(push& out, const std::string& payload, int count, int& ahead, int& most_ahead) {
  for (int i = 0; i < count; ++i) {
    const message made(payload);
    co_await out.async_send(made);
    most_ahead = std::max(most_ahead, ++ahead);
  }
}

task<> receive_behind(pull& in, int count, int& ahead) {
  for (; count > 0; --count) {
    const message got = co_await in.async_receive();
    EXPECT_EQ(got.byte_count(), large);
    --ahead;
  }
}

// So that they are taken while they are in the processor's caches.
TEST_F(large_messages, over_inproc_do_not_get_far_ahead_of_the_coroutine_that_receives_them) {
  constexpr int count = 500;
  pull in(ctx_);
  in.bind("inproc://ahead");
  push out(ctx_);
  out.connect("inproc://ahead");
  int ahead = 0;
  int most_ahead = 0;
  const join_handle<> sender = ctx_.spawn(send_ahead(out, payload_, count, ahead, most_ahead));
  ctx_.run(receive_behind(in, count, ahead));
  EXPECT_GE(most_ahead, 2);
  EXPECT_LE(most_ahead, 8);
}

}  // namespace
}  // namespace monocoque::test
