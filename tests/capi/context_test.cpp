#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

class context_test : public zmq_test {
 protected:
  /// 0, or the error number.
  int set_option(int option, int value) { return error_of(zmq_ctx_set(context(), option, value)); }
  int get_option(int option) { return zmq_ctx_get(context(), option); }
};

struct number_option {
  int option;
  int usual;
  std::vector<int> accepted;
  std::vector<int> refused;
};

TEST_F(context_test, has_options_with_defaults_and_ranges) {
  const std::array options{
      number_option{ZMQ_IO_THREADS, ZMQ_IO_THREADS_DFLT, {0, 1, 4, 64}, {-1, INT_MIN}},
      number_option{ZMQ_MAX_SOCKETS,
                    ZMQ_MAX_SOCKETS_DFLT,
                    {1, 5, 65535},
                    is_debians_libzmq() ? std::vector{0, -1}  // more than ZMQ_SOCKET_LIMIT, too
                                        : std::vector{0, -1, 65536, INT_MAX}},
      number_option{ZMQ_MAX_MSGSZ, INT_MAX, {0, 1, 1'000'000, INT_MAX}, {-1, INT_MIN}},
      number_option{ZMQ_IPV6, 0, {0, 1}, {-1}},
      number_option{ZMQ_BLOCKY, 1, {0, 1}, {-1}},
  };
  for (const number_option& each : options) {
    SCOPED_TRACE(each.option);
    EXPECT_EQ(get_option(each.option), each.usual);
    for (const int value : each.accepted) {
      EXPECT_EQ(set_option(each.option, value), 0) << value;
      EXPECT_EQ(get_option(each.option), value);
    }
    for (const int value : each.refused) {
      EXPECT_EQ(set_option(each.option, value), EINVAL) << value;
      EXPECT_EQ(get_option(each.option), each.accepted.back());
    }
  }
}

TEST_F(context_test, has_numbers_that_are_told_only) {
  EXPECT_EQ(get_option(ZMQ_SOCKET_LIMIT), 65535);
  EXPECT_EQ(get_option(ZMQ_MSG_T_SIZE), static_cast<int>(sizeof(zmq_msg_t)));
  EXPECT_EQ(set_option(ZMQ_MSG_T_SIZE, 64), EINVAL);
}

TEST_F(context_test, takes_any_number_for_yes) {
  EXPECT_EQ(set_option(ZMQ_IPV6, 7), 0);
  EXPECT_EQ(get_option(ZMQ_IPV6), 1);
  EXPECT_EQ(get(socket(ZMQ_PAIR), ZMQ_IPV6), 1);
}

TEST_F(context_test, refuses_options_that_it_does_not_know) {
  for (const int option : {-1, 0, 4711}) {
    EXPECT_EQ(set_option(option, 1), EINVAL) << option;
    EXPECT_EQ(error_of(get_option(option)), EINVAL) << option;
  }
}

TEST_F(context_test, that_is_none_is_told_of) {
  std::array<char, 256> no_context{};
  for (void* const none : {static_cast<void*>(nullptr), static_cast<void*>(no_context.data())}) {
    EXPECT_EQ(error_of(zmq_ctx_set(none, ZMQ_IO_THREADS, 1)), EFAULT);
    EXPECT_EQ(error_of(zmq_ctx_get(none, ZMQ_IO_THREADS)), EFAULT);
    EXPECT_EQ(error_of(zmq_ctx_shutdown(none)), EFAULT);
    EXPECT_EQ(error_of(zmq_ctx_term(none)), EFAULT);
    EXPECT_EQ(error_of(zmq_ctx_destroy(none)), EFAULT);
    EXPECT_EQ(error_of(zmq_term(none)), EFAULT);
    EXPECT_EQ(error_of(zmq_socket(none, ZMQ_PAIR)), EFAULT);
  }
}

TEST_F(context_test, has_an_old_way_to_begin) {
  void* const old = zmq_init(3);
  EXPECT_EQ(zmq_ctx_get(old, ZMQ_IO_THREADS), 3);
  EXPECT_EQ(error_of(zmq_term(old)), 0);
  EXPECT_EQ(error_of(zmq_init(-1)), EINVAL);
}

TEST_F(context_test, has_no_more_sockets_than_it_may) {
  ASSERT_EQ(set_option(ZMQ_MAX_SOCKETS, 2), 0);
  void* const first = socket(ZMQ_PAIR);
  static_cast<void>(socket(ZMQ_PAIR));
  EXPECT_EQ(error_of(zmq_socket(context(), ZMQ_PAIR)), EMFILE);
  close(first);
  void* again = nullptr;  // libzmq's reaper takes its time
  while ((again = zmq_socket(context(), ZMQ_PAIR)) == nullptr) ASSERT_EQ(zmq_errno(), EMFILE);
  EXPECT_EQ(error_of(zmq_close(again)), 0);
}

TEST_F(context_test, serves_inproc_without_io_threads) {
  ASSERT_EQ(set_option(ZMQ_IO_THREADS, 0), 0);
  void* const one = socket(ZMQ_PAIR);
  void* const other = socket(ZMQ_PAIR);
  bind_to(one, "inproc://here");
  ASSERT_EQ(error_of(zmq_connect(other, "inproc://here")), 0);
  EXPECT_TRUE(send(one, "x"));
  EXPECT_EQ(receive(other), "x");
}

TEST_F(context_test, decides_whether_its_sockets_linger) {
  void* const before = zmq_socket(context(), ZMQ_PUSH);
  EXPECT_EQ(get(before, ZMQ_LINGER), -1);
  EXPECT_EQ(error_of(zmq_close(before)), 0);
  ASSERT_EQ(set_option(ZMQ_BLOCKY, 0), 0);
  void* const after = zmq_socket(context(), ZMQ_PUSH);
  EXPECT_EQ(get(after, ZMQ_LINGER), 0);
  EXPECT_EQ(error_of(zmq_close(after)), 0);
}

TEST_F(context_test, that_is_shut_down_ends_every_call) {
  void* const busy = socket(ZMQ_DEALER);
  bind_to(busy, "inproc://here");
  ASSERT_EQ(error_of(zmq_ctx_shutdown(context())), 0);
  EXPECT_EQ(error_of(zmq_ctx_shutdown(context())), 0) << "twice";

  char octet = 0;
  int number = 0;
  std::size_t size = sizeof number;
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  zmq_pollitem_t item{busy, -1, ZMQ_POLLIN, 0};
  EXPECT_EQ(error_of(zmq_send(busy, "x", 1, 0)), ETERM);
  EXPECT_EQ(error_of(zmq_send(busy, "x", 1, ZMQ_DONTWAIT)), ETERM);
  EXPECT_EQ(error_of(zmq_send_const(busy, "x", 1, 0)), ETERM);
  EXPECT_EQ(error_of(zmq_recv(busy, &octet, 1, 0)), ETERM);
  EXPECT_EQ(error_of(zmq_recv(busy, &octet, 1, ZMQ_DONTWAIT)), ETERM);
  EXPECT_EQ(error_of(zmq_msg_send(&frame, busy, 0)), ETERM);
  EXPECT_EQ(error_of(zmq_msg_recv(&frame, busy, 0)), ETERM);
  EXPECT_EQ(error_of(zmq_poll(&item, 1, -1)), ETERM);
  EXPECT_EQ(error_of(zmq_bind(busy, "inproc://there")), ETERM);
  EXPECT_EQ(error_of(zmq_connect(busy, "inproc://there")), ETERM);
  EXPECT_EQ(error_of(zmq_unbind(busy, "inproc://here")), ETERM);
  EXPECT_EQ(error_of(zmq_disconnect(busy, "inproc://here")), ETERM);
  EXPECT_EQ(error_of(zmq_getsockopt(busy, ZMQ_EVENTS, &number, &size)), ETERM);
  EXPECT_EQ(error_of(zmq_socket_monitor(busy, "inproc://monitor", ZMQ_EVENT_ALL)), ETERM);
  EXPECT_EQ(error_of(zmq_proxy(busy, busy, nullptr)), ETERM);
  EXPECT_EQ(error_of(zmq_socket(context(), ZMQ_PAIR)), ETERM);
  zmq_msg_close(&frame);
}

TEST_F(context_test, that_is_shut_down_wakes_who_waits) {
  for (const bool receives : {true, false}) {
    void* const own = zmq_ctx_new();
    void* const busy = zmq_socket(own, ZMQ_DEALER);
    std::thread waiting([&] {
      char octet = 0;
      EXPECT_EQ(error_of(receives ? zmq_recv(busy, &octet, 1, 0) : zmq_send(busy, "x", 1, 0)), ETERM);
      EXPECT_EQ(error_of(zmq_close(busy)), 0);
    });
    EXPECT_EQ(error_of(zmq_ctx_shutdown(own)), 0);
    EXPECT_EQ(error_of(zmq_ctx_term(own)), 0);
    waiting.join();
  }
}

TEST_F(context_test, waits_at_its_end_until_all_is_closed) {
  void* const own = zmq_ctx_new();
  void* const busy = zmq_socket(own, ZMQ_PULL);
  std::atomic<bool> closed = false;
  std::thread waiting([&] {
    char octet = 0;
    EXPECT_EQ(error_of(zmq_recv(busy, &octet, 1, 0)), ETERM);
    closed = true;
    EXPECT_EQ(error_of(zmq_close(busy)), 0);
  });
  EXPECT_EQ(error_of(zmq_ctx_term(own)), 0);
  EXPECT_TRUE(closed);
  waiting.join();
}

TEST_F(context_test, waits_at_its_end_until_all_is_sent) {
  void* const in = socket(ZMQ_PULL);
  const std::string where = bind_to(in, any_port);
  void* const own = zmq_ctx_new();
  void* const out = zmq_socket(own, ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(out, where.c_str())), 0);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(out, std::to_string(i)));
  EXPECT_EQ(error_of(zmq_close(out)), 0);
  EXPECT_EQ(error_of(zmq_ctx_term(own)), 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(receive(in), std::to_string(i));
}

}  // namespace
}  // namespace monocoque::test
