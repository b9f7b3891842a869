// High-water marks, for those who would rather be refused than wait.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// So many are sent at most until one is refused: some moments may be too short for a burst.
constexpr int many = 1000;

class marks_test : public zmq_test {
 protected:
  /// Between them only the sender's mark counts.
  void join(void* sending, void* receiving, int mark) {
    ASSERT_EQ(set(sending, ZMQ_SNDHWM, mark), 0);
    ASSERT_EQ(set(receiving, ZMQ_RCVHWM, 0), 0);
    ASSERT_EQ(error_of(zmq_connect(receiving, bind_to(sending, any_port).c_str())), 0);
  }
  /// Sends until it is refused, with one who takes all of it; answers how often it was taken.
  static int fill(void* out, const std::string& message) {
    for (int sent = 0; sent < many; ++sent) {
      const int failed = error_of(zmq_send(out, message.data(), message.size(), ZMQ_DONTWAIT));
      if (failed == EAGAIN) return sent;
      EXPECT_EQ(failed, 0);
      if (failed != 0) return -1;
    }
    return many;
  }
  static bool waits_for_room(void* out) {
    zmq_pollitem_t item{out, -1, ZMQ_POLLOUT, 0};
    return zmq_poll(&item, 1, patience) == 1 && item.revents == ZMQ_POLLOUT;
  }
  /// Nothing is lost, whoever was refused.
  static void fill_and_empty(void* out, void* in) {
    const int sent = fill(out, "");
    EXPECT_LT(sent, many);
    ASSERT_TRUE(send(out, "last"));  // which may wait
    for (int i = 0; i < sent; ++i) ASSERT_EQ(receive(in), "") << i << " of " << sent;
    EXPECT_EQ(receive(in), "last");
  }
};

/// Everything is soon with the kernel, and yet: as with libzmq, what has gone counts for a moment.
TEST_F(marks_test, refuse_a_burst_that_is_longer) {
  const auto out = socket(ZMQ_PUSH);
  const auto in = socket(ZMQ_PULL);
  join(out, in, 10);
  ASSERT_TRUE(send(out, "first"));
  ASSERT_EQ(receive(in), "first");
  fill_and_empty(out, in);
}

TEST_F(marks_test, refuse_what_may_not_be_dropped_for_a_subscriber) {
  const auto out = socket(ZMQ_XPUB);
  const auto in = socket(ZMQ_SUB);
  ASSERT_EQ(set(out, ZMQ_XPUB_NODROP, 1), 0);
  join(out, in, 10);
  ASSERT_EQ(set(in, ZMQ_SUBSCRIBE, std::string()), 0);
  ASSERT_EQ(receive(out), "\001");
  fill_and_empty(out, in);
}

TEST_F(marks_test, are_told_of_by_a_router_that_must) {
  void* const router = socket(ZMQ_ROUTER);
  void* const dealer = socket(ZMQ_DEALER);
  ASSERT_EQ(set(router, ZMQ_ROUTER_MANDATORY, 1), 0);
  ASSERT_EQ(set(dealer, ZMQ_ROUTING_ID, std::string("X")), 0);
  join(router, dealer, 1);
  ASSERT_TRUE(send(dealer, "hello"));
  ASSERT_EQ(receive_all(router), (frames{"X", "hello"}));
  const std::string large(65536, 'x');
  int sent = 0;
  while (sent < many && zmq_send(router, "X", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE) == 1) {
    ASSERT_TRUE(send(router, large, ZMQ_DONTWAIT));
    ++sent;
  }
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_LT(sent, many);
  for (int i = 0; i < sent; ++i) ASSERT_EQ(receive(dealer), large);
  ASSERT_TRUE(send(router, frames{"X", "last"}));  // which waits
  EXPECT_EQ(receive(dealer), "last");
}

/// A mark is of what waits, not of what has gone in all.
TEST_F(marks_test, do_not_concern_who_sends_now_and_then) {
  if (is_debians_libzmq()) GTEST_SKIP() << "its I/O thread may not have come to it";
  const auto out = socket(ZMQ_PUSH);
  const auto in = socket(ZMQ_PULL);
  join(out, in, 1);
  ASSERT_TRUE(send(out, "first"));
  ASSERT_EQ(receive(in), "first");
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(2ms);  // not to wait for anything, but to be slow
    ASSERT_TRUE(send(out, "x", ZMQ_DONTWAIT)) << i;
    ASSERT_EQ(receive(in), "x");
  }
}

TEST_F(marks_test, hold_nobody_up_who_may_wait) {
  const auto out = socket(ZMQ_PUSH);
  const auto in = socket(ZMQ_PULL);
  join(out, in, 2);
  constexpr int count = 5000;
  std::thread sending([out = out] {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(send(out, frames{std::to_string(i), "more"}));
  });
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(receive_all(in), (frames{std::to_string(i), "more"}));
    if (HasFailure()) break;
  }
  sending.join();
}

/// What has gone counts no longer then.
TEST_F(marks_test, that_are_lowered_leave_room) {
  const auto out = socket(ZMQ_PUSH);
  const auto in = socket(ZMQ_PULL);
  join(out, in, 1000);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(send(out, "x"));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(receive(in), "x");
  ASSERT_EQ(set(out, ZMQ_SNDHWM, 10), 0);
  ASSERT_TRUE(waits_for_room(out));
  EXPECT_TRUE(send(out, "x", ZMQ_DONTWAIT));
  EXPECT_EQ(receive(in), "x");
}

}  // namespace
}  // namespace monocoque::test
