// A SUB has something to receive only if it is something that it subscribed to.

#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <string>

namespace monocoque::test {
namespace {

constexpr int patience_ms = 20'000;
constexpr int brief_ms = 50;  // to see that something does not happen

/// A SUB that has subscribed to "b", and a publisher that sends it everything all the same, as one that has
/// not heard of a cancellation yet does.
class subscriber_readiness : public testing::TestWithParam<const char*> {
 protected:
  subscriber_readiness() {
    set(publisher_, ZMQ_XPUB_MANUAL, 1);
    for (void* const each : {publisher_, subscriber_}) {
      set(each, ZMQ_LINGER, 0);
      set(each, ZMQ_RCVTIMEO, patience_ms);
    }
  }
  ~subscriber_readiness() override {
    zmq_close(publisher_);
    zmq_close(subscriber_);
    zmq_ctx_term(ctx_);
  }

  void SetUp() override {
    EXPECT_EQ(zmq_bind(publisher_, GetParam()), 0);
    std::array<char, 256> endpoint{};
    std::size_t size = endpoint.size();
    EXPECT_EQ(zmq_getsockopt(publisher_, ZMQ_LAST_ENDPOINT, endpoint.data(), &size), 0);
    EXPECT_EQ(zmq_connect(subscriber_, endpoint.data()), 0);
    EXPECT_EQ(zmq_setsockopt(subscriber_, ZMQ_SUBSCRIBE, "b", 1), 0);
    ASSERT_EQ(receive(publisher_), "\1b");
    EXPECT_EQ(zmq_setsockopt(publisher_, ZMQ_SUBSCRIBE, "", 0), 0);
  }

  static void set(void* socket, int option, int value) {
    EXPECT_EQ(zmq_setsockopt(socket, option, &value, sizeof value), 0) << option;
  }
  static std::string receive(void* from, int flags = 0) {
    std::array<char, 8> got{};
    const int size = zmq_recv(from, got.data(), got.size(), flags);
    return size < 0 ? zmq_strerror(errno) : std::string(got.data(), static_cast<std::size_t>(size));
  }
  void publish(const std::string& what) {
    EXPECT_EQ(zmq_send(publisher_, what.data(), what.size(), 0), static_cast<int>(what.size()));
  }
  /// How many sockets are ready: 0 or 1.
  int poll(int timeout_ms) {
    zmq_pollitem_t item{subscriber_, -1, ZMQ_POLLIN, 0};
    return zmq_poll(&item, 1, timeout_ms);
  }
  int events() {
    int found = -1;
    std::size_t size = sizeof found;
    EXPECT_EQ(zmq_getsockopt(subscriber_, ZMQ_EVENTS, &found, &size), 0);
    return found;
  }

  void* ctx_ = zmq_ctx_new();
  void* publisher_ = zmq_socket(ctx_, ZMQ_XPUB);
  void* subscriber_ = zmq_socket(ctx_, ZMQ_SUB);
};

TEST_P(subscriber_readiness, zmq_poll_passes_over_what_was_not_subscribed_to) {
  publish("a");
  EXPECT_EQ(poll(brief_ms), 0);
  publish("b");
  EXPECT_EQ(poll(patience_ms), 1);
  EXPECT_EQ(receive(subscriber_, ZMQ_DONTWAIT), "b");
  EXPECT_EQ(poll(0), 0);
}

TEST_P(subscriber_readiness, zmq_events_pass_over_what_was_not_subscribed_to) {
  publish("b");
  EXPECT_EQ(poll(patience_ms), 1);
  publish("a");
  EXPECT_EQ(events(), ZMQ_POLLIN);
  EXPECT_EQ(receive(subscriber_, ZMQ_DONTWAIT), "b");
  EXPECT_EQ(poll(brief_ms), 0);
  EXPECT_EQ(events(), 0);
}

TEST_P(subscriber_readiness, goes_by_the_subscriptions_of_now) {
  publish("b");
  EXPECT_EQ(poll(patience_ms), 1);
  EXPECT_EQ(zmq_setsockopt(subscriber_, ZMQ_UNSUBSCRIBE, "b", 1), 0);
  EXPECT_EQ(zmq_setsockopt(subscriber_, ZMQ_SUBSCRIBE, "c", 1), 0);
  EXPECT_EQ(poll(0), is_debians_libzmq() ? 1 : 0) << "libzmq holds what it said was there";
}

INSTANTIATE_TEST_SUITE_P(over, subscriber_readiness, testing::Values("inproc://place", "tcp://127.0.0.1:*"),
                         [](const auto& over) { return std::string(over.param).substr(0, 3); });

}  // namespace
}  // namespace monocoque::test
