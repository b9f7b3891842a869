#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <thread>
#include <unistd.h>

namespace monocoque::test {
namespace {

class poll_test : public zmq_test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(pipe_.data()), 0);
    ASSERT_EQ(error_of(zmq_connect(out_, bind_to(in_, any_port).c_str())), 0);
  }
  ~poll_test() override {
    ::close(pipe_[0]);
    if (pipe_[1] >= 0) ::close(pipe_[1]);
  }
  zmq_pollitem_t readable() { return {in_, -1, ZMQ_POLLIN, 0}; }
  zmq_pollitem_t readable_descriptor() { return {nullptr, pipe_[0], ZMQ_POLLIN, 0}; }
  void write_to_pipe() { ASSERT_EQ(write(pipe_[1], "x", 1), 1); }

  std::array<int, 2> pipe_{-1, -1};
  void* in_ = socket(ZMQ_PULL);
  void* out_ = socket(ZMQ_PUSH);
};

TEST_F(poll_test, of_nothing_waits_until_the_timeout) {
  EXPECT_EQ(zmq_poll(nullptr, 0, 0), 0);
  EXPECT_EQ(zmq_poll(nullptr, 0, 5), 0);
}

TEST_F(poll_test, answers_0_if_nothing_happens) {
  for (const long timeout : {0L, 5L}) {
    std::array items{readable(), readable_descriptor()};
    for (zmq_pollitem_t& each : items) each.revents = 0x55;
    EXPECT_EQ(zmq_poll(items.data(), 2, timeout), 0);
    EXPECT_EQ(items[0].revents, 0);
    EXPECT_EQ(items[1].revents, 0);
  }
}

TEST_F(poll_test, tells_of_sockets_that_are_readable) {
  ASSERT_TRUE(send(out_, frames{"x", "y"}));
  zmq_pollitem_t item = readable();
  for (const char* frame : {"x", "y"}) {
    EXPECT_EQ(zmq_poll(&item, 1, patience), 1);
    EXPECT_EQ(item.revents, ZMQ_POLLIN);
    EXPECT_EQ(receive(in_), frame);
  }
  EXPECT_EQ(zmq_poll(&item, 1, 0), 0);
}

TEST_F(poll_test, tells_of_sockets_that_are_writable) {
  zmq_pollitem_t item{out_, -1, ZMQ_POLLIN | ZMQ_POLLOUT, 0};
  EXPECT_EQ(zmq_poll(&item, 1, patience), 1);
  EXPECT_EQ(item.revents, ZMQ_POLLOUT);
  item = {socket(ZMQ_PUSH), -1, ZMQ_POLLOUT, 0};
  EXPECT_EQ(zmq_poll(&item, 1, 0), 0) << "has nobody to send to";
}

TEST_F(poll_test, tells_of_descriptors) {
  zmq_pollitem_t item = readable_descriptor();
  write_to_pipe();
  EXPECT_EQ(zmq_poll(&item, 1, patience), 1);
  EXPECT_EQ(item.revents, ZMQ_POLLIN);
  item = {nullptr, pipe_[1], ZMQ_POLLOUT, 0};
  EXPECT_EQ(zmq_poll(&item, 1, patience), 1);
  EXPECT_EQ(item.revents, ZMQ_POLLOUT);
}

TEST_F(poll_test, tells_of_descriptors_that_are_broken) {
  zmq_pollitem_t item{nullptr, pipe_[1], ZMQ_POLLOUT | ZMQ_POLLERR, 0};
  ::close(pipe_[0]);
  EXPECT_EQ(zmq_poll(&item, 1, patience), 1);
  EXPECT_EQ(item.revents & ZMQ_POLLERR, ZMQ_POLLERR);
  pipe_[0] = dup(pipe_[1]);
}

TEST_F(poll_test, tells_of_all_that_is_ready) {
  std::array items{readable(), readable_descriptor(), zmq_pollitem_t{out_, -1, ZMQ_POLLOUT, 0}};
  ASSERT_TRUE(send(out_, "x"));
  write_to_pipe();
  EXPECT_EQ(zmq_poll(items.data(), 1, patience), 1);
  EXPECT_EQ(zmq_poll(items.data(), 3, patience), 3);
  for (const zmq_pollitem_t& each : items) EXPECT_EQ(each.revents, each.events);
}

TEST_F(poll_test, is_woken_by_either) {
  for (const bool descriptor : {true, false}) {
    std::array items{readable(), readable_descriptor()};
    std::thread waking([&] { descriptor ? write_to_pipe() : static_cast<void>(send(out_, "x")); });
    EXPECT_EQ(zmq_poll(items.data(), 2, patience), 1);
    EXPECT_EQ(items[0].revents, descriptor ? 0 : ZMQ_POLLIN);
    EXPECT_EQ(items[1].revents, descriptor ? ZMQ_POLLIN : 0);
    waking.join();
    char octet = 0;
    if (descriptor) {
      ASSERT_EQ(read(pipe_[0], &octet, 1), 1);
    } else {
      EXPECT_EQ(receive(in_), "x");
    }
  }
}

TEST_F(poll_test, asks_for_what_it_is_told_only) {
  ASSERT_TRUE(send(out_, "x"));
  zmq_pollitem_t item = readable();
  ASSERT_EQ(zmq_poll(&item, 1, patience), 1);
  item.events = 0;
  EXPECT_EQ(zmq_poll(&item, 1, 0), 0);
  EXPECT_EQ(item.revents, 0);
}

TEST_F(poll_test, prefers_a_socket_to_a_descriptor) {
  zmq_pollitem_t item{in_, pipe_[0], ZMQ_POLLIN, 0};
  write_to_pipe();
  EXPECT_EQ(zmq_poll(&item, 1, 0), 0);
}

TEST_F(poll_test, refuses_what_it_cannot_poll) {
  EXPECT_EQ(error_of(zmq_poll(nullptr, 1, 0)), EFAULT);
  std::array<char, 2048> no_socket{};
  zmq_pollitem_t item{no_socket.data(), -1, ZMQ_POLLIN, 0};
  EXPECT_EQ(error_of(zmq_poll(&item, 1, 0)), ENOTSOCK);
  zmq_pollitem_t none = readable();
  EXPECT_EQ(error_of(zmq_poll(&none, -1, 0)), EINVAL);
}

TEST_F(poll_test, shares_a_socket_with_another_item) {
  std::array items{readable(), readable()};
  ASSERT_TRUE(send(out_, "x"));
  EXPECT_EQ(zmq_poll(items.data(), 2, patience), 2);
}

/// An event loop of somebody else's, which looks at ZMQ_FD.
class descriptor_test : public poll_test {
 protected:
  /// Whether the descriptor is readable in time.
  static bool is_woken(void* socket, int timeout = patience) {
    zmq_pollitem_t item{nullptr, get(socket, ZMQ_FD), ZMQ_POLLIN, 0};
    return zmq_poll(&item, 1, timeout) == 1;
  }
  static bool is_readable(void* socket) { return (get(socket, ZMQ_EVENTS) & ZMQ_POLLIN) != 0; }
  /// As loops do it that are woken by edges: until there is nothing.
  static int drain(void* socket) {
    int count = 0;
    while (is_readable(socket)) {
      EXPECT_EQ(receive(socket, ZMQ_DONTWAIT).front(), 'x');
      ++count;
    }
    return count;
  }
};

TEST_F(descriptor_test, is_the_same_each_time) {
  EXPECT_GE(get(in_, ZMQ_FD), 0);
  EXPECT_EQ(get(in_, ZMQ_FD), get(in_, ZMQ_FD));
  EXPECT_NE(get(in_, ZMQ_FD), get(out_, ZMQ_FD));
}

TEST_F(descriptor_test, comes_with_events) {
  void* const alone = socket(ZMQ_DEALER);
  EXPECT_EQ(get(alone, ZMQ_EVENTS), 0);
  bind_to(alone, "inproc://here");
  void* const other = socket(ZMQ_DEALER);
  ASSERT_EQ(error_of(zmq_connect(other, "inproc://here")), 0);
  EXPECT_EQ(get(alone, ZMQ_EVENTS), ZMQ_POLLOUT);
  ASSERT_TRUE(send(other, "x"));
  EXPECT_EQ(get(alone, ZMQ_EVENTS), ZMQ_POLLIN | ZMQ_POLLOUT);
}

TEST_F(descriptor_test, wakes_after_each_time_that_all_was_taken) {
  static_cast<void>(get(in_, ZMQ_FD));
  static_cast<void>(drain(in_));
  for (int round = 1; round < 50; ++round) {
    std::thread sending([&] {
      for (int i = 0; i < round; ++i) EXPECT_TRUE(send(out_, "x" + std::to_string(i)));
    });
    for (int got = 0; got < round; got += drain(in_)) ASSERT_TRUE(is_woken(in_)) << round << ": " << got;
    sending.join();
  }
}

TEST_F(descriptor_test, wakes_who_has_received_until_there_was_nothing) {
  static_cast<void>(get(in_, ZMQ_FD));
  for (int round = 0; round < 50; ++round) {
    while (receive(in_, ZMQ_DONTWAIT).front() == 'x') {
    }
    std::thread sending([&] { EXPECT_TRUE(send(out_, "x")); });
    do ASSERT_TRUE(is_woken(in_)) << round;
    while (!is_readable(in_));
    sending.join();
  }
}

TEST_F(descriptor_test, wakes_who_could_not_send) {
  void* const full = socket(ZMQ_PUSH);
  set(full, ZMQ_SNDHWM, 1);
  void* const late = socket(ZMQ_PULL);
  static_cast<void>(get(full, ZMQ_FD));
  bind_to(full, "inproc://full");
  EXPECT_EQ(error_of(zmq_send(full, "x", 1, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(get(full, ZMQ_EVENTS), 0);
  std::thread connecting([&] { EXPECT_EQ(error_of(zmq_connect(late, "inproc://full")), 0); });
  while (get(full, ZMQ_EVENTS) != ZMQ_POLLOUT) ASSERT_TRUE(is_woken(full));
  connecting.join();
  EXPECT_TRUE(send(full, "x", ZMQ_DONTWAIT));
}

}  // namespace
}  // namespace monocoque::test
