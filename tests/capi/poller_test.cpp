// zmq_poller_*, drafts of libzmq.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace monocoque::test {
namespace {

class poller_test : public zmq_test {
 protected:
  void SetUp() override {
    if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
    poller_ = zmq_poller_new();
    ASSERT_EQ(pipe(pipe_.data()), 0);
    ASSERT_EQ(error_of(zmq_connect(out_, bind_to(in_, any_port).c_str())), 0);
  }
  ~poller_test() override {
    if (poller_ != nullptr) zmq_poller_destroy(&poller_);
    for (const int each : pipe_) {
      if (each >= 0) ::close(each);
    }
  }
  void write_to_pipe() { ASSERT_EQ(write(pipe_[1], "x", 1), 1); }
  int add(void* socket, short events = ZMQ_POLLIN, void* user_data = nullptr) {
    return error_of(zmq_poller_add(poller_, socket, user_data, events));
  }
  int add(int fd, short events = ZMQ_POLLIN, void* user_data = nullptr) {
    return error_of(zmq_poller_add_fd(poller_, fd, user_data, events));
  }
  /// The error of a wait, whose event is about nothing then.
  int wait(long timeout) {
    event_ = {this, 1, this, 1};
    const int error = error_of(zmq_poller_wait(poller_, &event_, timeout));
    if (error != 0) {
      EXPECT_TRUE(is_about_nothing(event_));
    }
    return error;
  }
  static bool is_about_nothing(const zmq_poller_event_t& event) {
    return event.socket == nullptr && event.fd == -1 && event.user_data == nullptr && event.events == 0;
  }

  void* poller_ = nullptr;
  zmq_poller_event_t event_{};
  std::array<int, 2> pipe_{-1, -1};
  void* in_ = socket(ZMQ_PULL);
  void* out_ = socket(ZMQ_PUSH);
};

TEST_F(poller_test, counts_what_is_in_it) {
  EXPECT_EQ(zmq_poller_size(poller_), 0);
  EXPECT_EQ(add(in_), 0);
  EXPECT_EQ(add(pipe_[0], 0), 0);
  EXPECT_EQ(zmq_poller_size(poller_), 2);
  EXPECT_EQ(error_of(zmq_poller_remove(poller_, in_)), 0);
  EXPECT_EQ(error_of(zmq_poller_remove_fd(poller_, pipe_[0])), 0);
  EXPECT_EQ(zmq_poller_size(poller_), 0);
}

TEST_F(poller_test, tells_what_happens_to_a_socket) {
  int mine = 0;
  ASSERT_EQ(add(in_, ZMQ_POLLIN | ZMQ_POLLOUT, &mine), 0);
  EXPECT_EQ(wait(0), EAGAIN);
  EXPECT_EQ(wait(1), EAGAIN);
  std::thread sending([&] { EXPECT_TRUE(send(out_, "x")); });
  EXPECT_EQ(wait(patience), 0);
  EXPECT_EQ(event_.socket, in_);
  EXPECT_EQ(event_.fd, -1);
  EXPECT_EQ(event_.user_data, &mine);
  EXPECT_EQ(event_.events, ZMQ_POLLIN);
  sending.join();
  EXPECT_EQ(wait(-1), 0) << "it is still there";
  EXPECT_EQ(receive(in_), "x");
  EXPECT_EQ(wait(0), EAGAIN);
}

TEST_F(poller_test, tells_what_happens_to_a_descriptor) {
  int mine = 0;
  ASSERT_EQ(add(pipe_[0], ZMQ_POLLIN, &mine), 0);
  EXPECT_EQ(wait(0), EAGAIN);
  std::thread writing([&] { write_to_pipe(); });
  EXPECT_EQ(wait(-1), 0);
  writing.join();
  EXPECT_EQ(event_.socket, nullptr);
  EXPECT_EQ(event_.fd, pipe_[0]);
  EXPECT_EQ(event_.user_data, &mine);
  EXPECT_EQ(event_.events, ZMQ_POLLIN);
}

TEST_F(poller_test, tells_of_descriptors_that_are_broken) {
  ASSERT_EQ(add(pipe_[1], ZMQ_POLLOUT), 0);
  ::close(pipe_[0]);
  pipe_[0] = -1;
  EXPECT_EQ(wait(patience), 0);
  EXPECT_NE(event_.events & ZMQ_POLLERR, 0);
  EXPECT_EQ(error_of(zmq_poller_modify_fd(poller_, pipe_[1], 0)), 0);
  EXPECT_EQ(wait(0), EAGAIN) << "nothing is asked of it";
}

TEST_F(poller_test, tells_of_as_many_as_there_is_room_for_in_the_order_they_came) {
  ASSERT_EQ(add(out_, ZMQ_POLLOUT), 0);
  ASSERT_EQ(add(pipe_[0]), 0);
  ASSERT_EQ(add(in_), 0);
  write_to_pipe();
  ASSERT_TRUE(send(out_, "x"));
  zmq_pollitem_t item{in_, -1, ZMQ_POLLIN, 0};
  ASSERT_EQ(zmq_poll(&item, 1, patience), 1);

  std::array<zmq_poller_event_t, 5> events{};
  events.fill({this, 1, this, 1});
  EXPECT_EQ(zmq_poller_wait_all(poller_, events.data(), 5, patience), 3);
  EXPECT_EQ(events[0].socket, out_);
  EXPECT_EQ(events[1].fd, pipe_[0]);
  EXPECT_EQ(events[2].socket, in_);
  EXPECT_TRUE(is_about_nothing(events[3]));
  EXPECT_TRUE(is_about_nothing(events[4]));
  EXPECT_EQ(zmq_poller_wait_all(poller_, events.data(), 2, patience), 2);
  EXPECT_EQ(events[1].fd, pipe_[0]);
  EXPECT_EQ(error_of(zmq_poller_wait_all(poller_, events.data(), 0, 0)), EAGAIN);
}

TEST_F(poller_test, can_be_told_otherwise) {
  ASSERT_EQ(add(out_, 0), 0);
  ASSERT_EQ(add(pipe_[1], 0), 0);
  EXPECT_EQ(wait(0), EAGAIN);
  EXPECT_EQ(error_of(zmq_poller_modify(poller_, out_, ZMQ_POLLOUT)), 0);
  EXPECT_EQ(wait(patience), 0);
  EXPECT_EQ(event_.socket, out_);
  EXPECT_EQ(error_of(zmq_poller_modify(poller_, out_, ZMQ_POLLIN)), 0);
  EXPECT_EQ(wait(0), EAGAIN);
  EXPECT_EQ(error_of(zmq_poller_modify_fd(poller_, pipe_[1], ZMQ_POLLOUT)), 0);
  EXPECT_EQ(wait(patience), 0);
  EXPECT_EQ(event_.fd, pipe_[1]);
}

TEST_F(poller_test, waits_for_something_only) {
  EXPECT_EQ(wait(0), EAGAIN);
  EXPECT_EQ(wait(1), EAGAIN);
  EXPECT_EQ(wait(-1), EFAULT);
  ASSERT_EQ(add(in_, 0), 0);
  ASSERT_EQ(add(pipe_[0], 0), 0);
  EXPECT_EQ(wait(0), EAGAIN);
  EXPECT_EQ(wait(1), EAGAIN);
  EXPECT_EQ(wait(-1), EFAULT);
}

TEST_F(poller_test, refuses_what_is_there_already_or_not_there) {
  EXPECT_EQ(error_of(zmq_poller_modify(poller_, in_, 0)), EINVAL);
  EXPECT_EQ(error_of(zmq_poller_remove(poller_, in_)), EINVAL);
  EXPECT_EQ(error_of(zmq_poller_modify_fd(poller_, pipe_[0], 0)), EINVAL);
  EXPECT_EQ(error_of(zmq_poller_remove_fd(poller_, pipe_[0])), EINVAL);
  ASSERT_EQ(add(in_), 0);
  ASSERT_EQ(add(pipe_[0]), 0);
  EXPECT_EQ(add(in_), EINVAL);
  EXPECT_EQ(add(pipe_[0]), EINVAL);
  EXPECT_EQ(zmq_poller_size(poller_), 2);
}

TEST_F(poller_test, refuses_events_that_there_are_not) {
  constexpr short unknown = 16;
  EXPECT_EQ(add(in_, unknown), EINVAL);
  EXPECT_EQ(add(pipe_[0], unknown), EINVAL);
  ASSERT_EQ(add(in_, ZMQ_POLLERR | ZMQ_POLLPRI), 0);
  ASSERT_EQ(add(pipe_[0], ZMQ_POLLERR | ZMQ_POLLPRI), 0);
  EXPECT_EQ(error_of(zmq_poller_modify(poller_, in_, unknown)), EINVAL);
  EXPECT_EQ(error_of(zmq_poller_modify_fd(poller_, pipe_[0], unknown)), EINVAL);
}

TEST_F(poller_test, refuses_what_is_neither_socket_nor_descriptor) {
  std::array<char, 2048> no_socket{};
  for (void* const socket : {static_cast<void*>(nullptr), static_cast<void*>(no_socket.data())}) {
    EXPECT_EQ(add(socket), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_poller_modify(poller_, socket, 0)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_poller_remove(poller_, socket)), ENOTSOCK);
  }
  EXPECT_EQ(add(-1), EBADF);
  EXPECT_EQ(error_of(zmq_poller_modify_fd(poller_, -1, 0)), EBADF);
  EXPECT_EQ(error_of(zmq_poller_remove_fd(poller_, -1)), EBADF);
}

TEST_F(poller_test, is_none_if_it_is_no_poller) {
  std::array<char, 2048> no_poller{};
  for (void* const handle : {static_cast<void*>(nullptr), static_cast<void*>(no_poller.data())}) {
    void* destroyed = handle;
    int fd = -1;
    EXPECT_EQ(error_of(zmq_poller_destroy(&destroyed)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_size(handle)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_add(handle, in_, nullptr, 0)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_modify(handle, in_, 0)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_remove(handle, in_)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_add_fd(handle, pipe_[0], nullptr, 0)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_modify_fd(handle, pipe_[0], 0)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_remove_fd(handle, pipe_[0])), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_wait(handle, &event_, 0)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_wait_all(handle, &event_, 1, 0)), EFAULT);
    EXPECT_EQ(error_of(zmq_poller_fd(handle, &fd)), EFAULT);
  }
  EXPECT_EQ(error_of(zmq_poller_destroy(nullptr)), EFAULT);
}

TEST_F(poller_test, wants_room_for_its_answer) {
  ASSERT_EQ(add(in_), 0);
  EXPECT_EQ(error_of(zmq_poller_wait(poller_, nullptr, 0)), EFAULT);
  EXPECT_EQ(error_of(zmq_poller_wait_all(poller_, nullptr, 1, 0)), EFAULT);
  EXPECT_EQ(error_of(zmq_poller_wait_all(poller_, &event_, -1, 0)), EINVAL);
}

TEST_F(poller_test, forgets_the_handle_that_it_had) {
  EXPECT_EQ(error_of(zmq_poller_destroy(&poller_)), 0);
  EXPECT_EQ(poller_, nullptr);
}

TEST_F(poller_test, ends_with_the_context) {
  ASSERT_EQ(add(in_), 0);
  std::thread ending([&] { EXPECT_EQ(error_of(zmq_ctx_shutdown(context())), 0); });
  EXPECT_EQ(wait(-1), ETERM);
  ending.join();
  EXPECT_EQ(error_of(zmq_poller_remove(poller_, in_)), 0);
}

TEST_F(poller_test, ends_when_a_signal_was_handled) {
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, &before);
  ASSERT_EQ(add(in_), 0);
  std::atomic<bool> over = false;
  std::thread waiting([&] {
    EXPECT_EQ(wait(-1), EINTR);
    over = true;
  });
  while (!over) {  // the first may come too early
    pthread_kill(waiting.native_handle(), SIGUSR1);
    std::this_thread::yield();
  }
  waiting.join();
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(poller_test, has_no_descriptor_for_sockets_of_one_thread) {
  int fd = -1;
  EXPECT_EQ(error_of(zmq_poller_fd(poller_, &fd)), EINVAL);
  ASSERT_EQ(add(in_), 0);
  EXPECT_EQ(error_of(zmq_poller_fd(poller_, &fd)), EINVAL);
}

}  // namespace
}  // namespace monocoque::test
