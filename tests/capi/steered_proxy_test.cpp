// zmq_proxy_steerable between sockets of which each goes one way.

#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <thread>

namespace monocoque::test {
namespace {

constexpr int patience_ms = 20'000;

/// PULL in front, PUSH behind, steered over a PAIR.
class one_way_proxy : public testing::Test {
 protected:
  one_way_proxy() {
    for (void* const each : sockets_) {
      const int none = 0;
      EXPECT_EQ(zmq_setsockopt(each, ZMQ_LINGER, &none, sizeof none), 0);
      EXPECT_EQ(zmq_setsockopt(each, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms), 0);
    }
    const std::array<const char*, 3> places{"inproc://front", "inproc://back", "inproc://control"};
    for (std::size_t i = 0; i < places.size(); ++i) {
      EXPECT_EQ(zmq_bind(sockets_[i], places[i]), 0);
      EXPECT_EQ(zmq_connect(sockets_[i + places.size()], places[i]), 0);
    }
    proxy_ = std::thread(
        [this] { answer_ = zmq_proxy_steerable(sockets_[0], sockets_[1], nullptr, sockets_[2]); });
  }
  ~one_way_proxy() override {
    if (proxy_.joinable()) end();
    for (void* const each : sockets_) zmq_close(each);
    zmq_ctx_term(ctx_);
  }
  void end() {
    tell("TERMINATE");
    proxy_.join();
  }
  void tell(const std::string& command) {
    EXPECT_EQ(zmq_send(control_, command.data(), command.size(), 0), static_cast<int>(command.size()));
  }
  void expect_passage() {
    EXPECT_EQ(zmq_send(in_, "hello", 5, 0), 5);
    std::array<char, 8> got{};
    EXPECT_EQ(zmq_recv(out_, got.data(), got.size(), 0), 5) << zmq_strerror(errno);
    EXPECT_STREQ(got.data(), "hello");
  }

  void* ctx_ = zmq_ctx_new();
  std::array<void*, 6> sockets_{zmq_socket(ctx_, ZMQ_PULL), zmq_socket(ctx_, ZMQ_PUSH),
                                zmq_socket(ctx_, ZMQ_PAIR), zmq_socket(ctx_, ZMQ_PUSH),
                                zmq_socket(ctx_, ZMQ_PULL), zmq_socket(ctx_, ZMQ_PAIR)};
  void* const in_ = sockets_[3];
  void* const out_ = sockets_[4];
  void* const control_ = sockets_[5];
  int answer_ = -2;
  std::thread proxy_;
};

TEST_F(one_way_proxy, goes_on_after_a_message_until_it_is_told_to_end) {
  expect_passage();
  expect_passage();
  end();
  EXPECT_EQ(answer_, 0);
}

TEST_F(one_way_proxy, tells_what_went_in_front_and_out_behind) {
  expect_passage();
  tell("STATISTICS");
  // Messages and bytes: received and sent in front, received and sent behind.
  const std::array<std::uint64_t, 8> expected{1, 5, 0, 0, 0, 0, 1, 5};
  for (const std::uint64_t number : expected) {
    std::uint64_t told = 4711;
    ASSERT_EQ(zmq_recv(control_, &told, sizeof told, 0), static_cast<int>(sizeof told))
        << zmq_strerror(errno);
    EXPECT_EQ(told, number);
  }
}

}  // namespace
}  // namespace monocoque::test
