// POSIX signals that come while a call blocks.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <pthread.h>
#include <thread>

namespace monocoque::test {
namespace {

/// The parameter: SA_RESTART, or 0. Neither library starts a call anew.
class signals_test : public zmq_test, public testing::WithParamInterface<int> {
 protected:
  signals_test() {
    struct sigaction action{};
    action.sa_handler = [](int) {};
    action.sa_flags = GetParam();
    sigaction(SIGUSR1, &action, &before_);
  }
  ~signals_test() override { sigaction(SIGUSR1, &before_, nullptr); }

  /// What `call` answers on a thread that handles one signal after the other until it is over.
  static int interrupted(const std::function<int()>& call) {
    std::atomic<bool> over = false;
    int error = 0;
    std::thread calling([&] {
      error = error_of(call());
      over = true;
    });
    while (!over) {  // the first may come too early
      pthread_kill(calling.native_handle(), SIGUSR1);
      std::this_thread::yield();
    }
    calling.join();
    return error;
  }
  /// Calls that on a thread for which a signal waits that it does not let through; with the mask that would.
  static void with_one_behind_a_mask(const std::function<void(const sigset_t&)>& call) {
    std::thread([&] {
      sigset_t usual;
      sigset_t blocking;
      sigemptyset(&blocking);
      sigaddset(&blocking, SIGUSR1);
      pthread_sigmask(SIG_BLOCK, &blocking, &usual);
      pthread_kill(pthread_self(), SIGUSR1);
      call(usual);
    }).join();
  }

 private:
  struct sigaction before_{};
};
INSTANTIATE_TEST_SUITE_P(all, signals_test, testing::Values(0, SA_RESTART),
                         [](const auto& parameter) { return parameter.param == 0 ? "plain" : "restarting"; });

TEST_P(signals_test, end_receiving) {
  void* const in = socket(ZMQ_PULL);
  bind_to(in, any_port);
  EXPECT_EQ(interrupted([&] {
              char octet = 0;
              return zmq_recv(in, &octet, 1, 0);
            }),
            EINTR);
}

TEST_P(signals_test, end_receiving_over_inproc) {
  void* const in = socket(ZMQ_PULL);
  bind_to(in, "inproc://here");
  EXPECT_EQ(interrupted([&] {
              char octet = 0;
              return zmq_recv(in, &octet, 1, 0);
            }),
            EINTR);
}

TEST_P(signals_test, end_sending) {
  void* const out = socket(ZMQ_PUSH);
  bind_to(out, any_port);
  EXPECT_EQ(interrupted([&] { return zmq_send(out, "x", 1, 0); }), EINTR);
  EXPECT_EQ(interrupted([&] { return zmq_send(out, "x", 1, ZMQ_SNDMORE); }), EINTR);
}

TEST_P(signals_test, end_polling) {
  void* const in = socket(ZMQ_PULL);
  zmq_pollitem_t item{in, -1, ZMQ_POLLIN, 0};
  EXPECT_EQ(interrupted([&] { return zmq_poll(&item, 1, patience); }), EINTR);
}

TEST_P(signals_test, end_waiting_for_the_end_of_a_context_which_may_be_tried_again) {
  void* const own = zmq_ctx_new();
  void* const open = zmq_socket(own, ZMQ_PAIR);
  EXPECT_EQ(interrupted([&] { return zmq_ctx_term(own); }), EINTR);
  EXPECT_EQ(error_of(zmq_socket(own, ZMQ_PAIR)), ETERM);
  EXPECT_EQ(error_of(zmq_close(open)), 0);
  EXPECT_EQ(error_of(zmq_ctx_term(own)), 0);
}

TEST_P(signals_test, leave_the_socket_as_it_was) {
  void* const in = socket(ZMQ_PULL);
  void* const out = socket(ZMQ_PUSH);
  const std::string where = bind_to(in, any_port);
  EXPECT_EQ(interrupted([&] {
              char octet = 0;
              return zmq_recv(in, &octet, 1, 0);
            }),
            EINTR);
  ASSERT_EQ(error_of(zmq_connect(out, where.c_str())), 0);
  EXPECT_TRUE(send(out, frames{"one", "two"}));
  EXPECT_EQ(receive_all(in), (frames{"one", "two"}));
}

TEST_P(signals_test, that_wait_behind_a_mask_end_zmq_ppoll_which_lets_them_through) {
  if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  with_one_behind_a_mask([](const sigset_t& usual) {
    EXPECT_EQ(zmq_ppoll(nullptr, 0, 0, nullptr), 0);
    EXPECT_EQ(error_of(zmq_ppoll(nullptr, 0, -1, &usual)), EINTR);
  });
}

/// So that a stream of messages does not put off what was to end it.
TEST_P(signals_test, that_came_before_a_message_are_handled_before_it) {
  if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  void* const in = socket(ZMQ_PULL);
  void* const out = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(out, bind_to(in, any_port).c_str())), 0);
  with_one_behind_a_mask([=](const sigset_t& usual) {
    ASSERT_TRUE(send(out, "x"));
    zmq_pollitem_t item{in, -1, ZMQ_POLLIN, 0};
    ASSERT_EQ(error_of(zmq_poll(&item, 1, patience)), 0);
    EXPECT_EQ(error_of(zmq_ppoll(&item, 1, -1, &usual)), EINTR);
    EXPECT_EQ(zmq_ppoll(&item, 1, -1, &usual), 1);
    EXPECT_EQ(item.revents, ZMQ_POLLIN);
    EXPECT_EQ(receive(in), "x");
  });
}

}  // namespace
}  // namespace monocoque::test
