#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <thread>
#include <utility>

namespace monocoque::test {
namespace {

class socket_test : public zmq_test {
 protected:
  int bind_error(const std::string& where) { return error_of(zmq_bind(socket_, where.c_str())); }
  int connect_error(const std::string& where) { return error_of(zmq_connect(socket_, where.c_str())); }
  int unbind_error(const std::string& where) { return error_of(zmq_unbind(socket_, where.c_str())); }
  int disconnect_error(const std::string& where) { return error_of(zmq_disconnect(socket_, where.c_str())); }

  /// What another socket has given up. Debian's libzmq takes its time for it, which we do not.
  static int bind_again(void* other, const std::string& where) {
    for (;;) {
      const int error = error_of(zmq_bind(other, where.c_str()));
      if (error != EADDRINUSE || !is_debians_libzmq()) return error;
      std::this_thread::yield();
    }
  }

  void* socket_ = socket(ZMQ_DEALER);
};

TEST_F(socket_test, has_each_type) {
  for (const int type : {ZMQ_PAIR, ZMQ_PUB, ZMQ_SUB, ZMQ_REQ, ZMQ_REP, ZMQ_DEALER, ZMQ_ROUTER, ZMQ_PULL,
                         ZMQ_PUSH, ZMQ_XPUB, ZMQ_XSUB}) {
    if (void* const made = zmq_socket(context(), type)) {
      EXPECT_EQ(get(made, ZMQ_TYPE), type);
      EXPECT_EQ(get(made, ZMQ_THREAD_SAFE), 0);
      zmq_close(made);
    } else {
      ADD_FAILURE() << type << ": " << zmq_strerror(zmq_errno());
    }
  }
  EXPECT_EQ(ZMQ_XREQ, ZMQ_DEALER);
  EXPECT_EQ(ZMQ_XREP, ZMQ_ROUTER);
}

TEST_F(socket_test, has_no_other_types) {
  for (const int type : {-1, 4711}) EXPECT_EQ(error_of(zmq_socket(context(), type)), EINVAL) << type;
}

TEST_F(socket_test, that_is_none_is_told_of) {
  std::array<char, 2048> no_socket{};
  for (void* const none : {static_cast<void*>(nullptr), static_cast<void*>(no_socket.data())}) {
    char octet = 0;
    int number = 0;
    std::size_t size = sizeof number;
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    EXPECT_EQ(error_of(zmq_close(none)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_bind(none, any_port)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_connect(none, "tcp://127.0.0.1:1")), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_unbind(none, any_port)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_disconnect(none, any_port)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_send(none, "x", 1, 0)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_send_const(none, "x", 1, 0)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_recv(none, &octet, 1, 0)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_msg_send(&frame, none, 0)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_msg_recv(&frame, none, 0)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_setsockopt(none, ZMQ_LINGER, &number, size)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_getsockopt(none, ZMQ_LINGER, &number, &size)), ENOTSOCK);
    EXPECT_EQ(error_of(zmq_socket_monitor(none, "inproc://monitor", ZMQ_EVENT_ALL)), ENOTSOCK);
    zmq_msg_close(&frame);
  }
}

TEST_F(socket_test, that_is_closed_is_told_of) {
  if (is_debians_libzmq()) GTEST_SKIP() << "if its memory is untouched only";
  void* const closed = socket(ZMQ_PAIR);
  close(closed);
  EXPECT_EQ(error_of(zmq_close(closed)), ENOTSOCK);
  EXPECT_EQ(error_of(zmq_send(closed, "x", 1, 0)), ENOTSOCK);
}

TEST_F(socket_test, refuses_endpoints_that_make_no_sense) {
  for (const char* where : {"", "tcp", "tcp:/", "://", "127.0.0.1:5555", "tcp:127.0.0.1:5555"}) {
    EXPECT_EQ(bind_error(where), EINVAL) << where;
    EXPECT_EQ(connect_error(where), EINVAL) << where;
  }
  for (const char* where : {"tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:port"}) {
    EXPECT_EQ(bind_error(where), EINVAL) << where;
    EXPECT_EQ(connect_error(where), EINVAL) << where;
  }
  EXPECT_EQ(connect_error("tcp://*:5555"), EINVAL);
}

TEST_F(socket_test, refuses_ports_that_there_are_not) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it takes what is left of the number, or tries for ever";
  for (const char* where : {"tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1"}) {
    EXPECT_EQ(bind_error(where), EINVAL) << where;
    EXPECT_EQ(connect_error(where), EINVAL) << where;
  }
  EXPECT_EQ(connect_error("tcp://127.0.0.1:0"), EINVAL);
  EXPECT_EQ(connect_error("tcp://127.0.0.1:*"), EINVAL);
}

TEST_F(socket_test, refuses_endpoints_that_are_no_text) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it would end the program";
  EXPECT_EQ(error_of(zmq_bind(socket_, nullptr)), EINVAL);
  EXPECT_EQ(error_of(zmq_connect(socket_, nullptr)), EINVAL);
  EXPECT_EQ(error_of(zmq_unbind(socket_, nullptr)), EINVAL);
  EXPECT_EQ(error_of(zmq_disconnect(socket_, nullptr)), EINVAL);
}

TEST_F(socket_test, does_not_have_every_transport) {
  for (const char* where : {"foo://127.0.0.1:1", "TCP://127.0.0.1:5555", "http://127.0.0.1:80"}) {
    EXPECT_EQ(bind_error(where), EPROTONOSUPPORT) << where;
    EXPECT_EQ(connect_error(where), EPROTONOSUPPORT) << where;
  }
}

TEST_F(socket_test, binds_what_the_machine_has) {
  EXPECT_EQ(bind_error("tcp://nosuchdevice0:5555"), ENODEV);
  const std::string where = bind_to(socket_, any_port);
  EXPECT_EQ(where.find("tcp://127.0.0.1:"), 0U);
  EXPECT_EQ(error_of(zmq_bind(socket(ZMQ_DEALER), where.c_str())), EADDRINUSE);
  EXPECT_EQ(bind_error(where), EADDRINUSE);
  EXPECT_EQ(bind_to(socket_, "tcp://lo:*").find("tcp://127.0.0.1:"), 0U);
  EXPECT_EQ(bind_to(socket_, "tcp://*:*").find("tcp://0.0.0.0:"), 0U);
}

TEST_F(socket_test, has_one_binder_for_each_inproc_name) {
  EXPECT_EQ(bind_error("inproc://here"), 0);
  EXPECT_EQ(bind_error("inproc://here"), EADDRINUSE);
  EXPECT_EQ(error_of(zmq_bind(socket(ZMQ_DEALER), "inproc://here")), EADDRINUSE);
  EXPECT_EQ(get_text(socket_, ZMQ_LAST_ENDPOINT), "inproc://here");
  EXPECT_EQ(unbind_error("inproc://here"), 0);
  EXPECT_EQ(unbind_error("inproc://here"), ENOENT);
  EXPECT_EQ(bind_error("inproc://here"), 0);
}

TEST_F(socket_test, has_ipc_paths_that_fit) {
  EXPECT_EQ(bind_error("ipc://" + std::string(200, 'x')), ENAMETOOLONG);
  EXPECT_EQ(connect_error("ipc://" + std::string(200, 'x')), ENAMETOOLONG);
  const std::string where = bind_to(socket_, "ipc://*");
  const std::string path = where.substr(std::string("ipc://").size());
  EXPECT_TRUE(std::filesystem::is_socket(path)) << where;
  EXPECT_EQ(unbind_error(where), 0);
  while (is_debians_libzmq() && std::filesystem::exists(path)) std::this_thread::yield();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(socket_test, tells_its_last_endpoint) {
  EXPECT_EQ(get_text(socket_, ZMQ_LAST_ENDPOINT), "");
  const std::string where = bind_to(socket_, any_port);
  EXPECT_EQ(bind_error("nonsense"), EINVAL);
  EXPECT_EQ(get_text(socket_, ZMQ_LAST_ENDPOINT), where);
  EXPECT_EQ(connect_error("inproc://there"), 0);
  EXPECT_EQ(get_text(socket_, ZMQ_LAST_ENDPOINT), "inproc://there");
  EXPECT_EQ(connect_error("tcp://127.0.0.1:1"), 0);
  EXPECT_EQ(get_text(socket_, ZMQ_LAST_ENDPOINT), "tcp://127.0.0.1:1");
}

TEST_F(socket_test, unbinds_what_it_has_bound) {
  const std::string where = bind_to(socket_, any_port);
  EXPECT_EQ(unbind_error(any_port), ENOENT);
  EXPECT_EQ(unbind_error("tcp://127.0.0.1:1"), ENOENT);
  EXPECT_EQ(unbind_error("nonsense"), EINVAL);
  EXPECT_EQ(unbind_error(where), 0);
  EXPECT_EQ(unbind_error(where), ENOENT);
  EXPECT_EQ(bind_again(socket(ZMQ_DEALER), where), 0);
}

TEST_F(socket_test, disconnects_what_it_has_connected) {
  EXPECT_EQ(disconnect_error("tcp://127.0.0.1:1"), ENOENT);
  for (const char* where : {"tcp://127.0.0.1:1", "inproc://there", "ipc:///tmp/monocoque_nobody_is_here"}) {
    EXPECT_EQ(connect_error(where), 0) << where;
    EXPECT_EQ(disconnect_error(where), 0) << where;
    EXPECT_EQ(disconnect_error(where), ENOENT) << where;
  }
}

TEST_F(socket_test, drops_what_has_come_over_an_endpoint_that_it_disconnects) {
  constexpr std::array places{std::pair{any_port, any_port}, std::pair{"ipc://*", "ipc://*"},
                              std::pair{"inproc://here", "inproc://there"}};
  for (const auto& [where, elsewhere] : places) {
    void* const out = socket(ZMQ_PUSH);
    const std::string place = bind_to(out, where);
    void* const in = socket(ZMQ_PULL);
    ASSERT_EQ(error_of(zmq_connect(in, place.c_str())), 0);
    ASSERT_TRUE(send(out, "1") && send(out, "2"));
    zmq_pollitem_t item{in, 0, ZMQ_POLLIN, 0};
    ASSERT_EQ(zmq_poll(&item, 1, patience), 1);
    ASSERT_EQ(error_of(zmq_disconnect(in, place.c_str())), 0);
    EXPECT_EQ(zmq_poll(&item, 1, 0), 0) << where;
    EXPECT_EQ(error_of(zmq_recv(in, nullptr, 0, ZMQ_DONTWAIT)), EAGAIN) << where;
    close(out);
    // It has others yet.
    void* const next = socket(ZMQ_PUSH);
    ASSERT_EQ(error_of(zmq_connect(in, bind_to(next, elsewhere).c_str())), 0);
    ASSERT_TRUE(send(next, "3"));
    EXPECT_EQ(receive(in), "3") << where;
    close(next);
  }
}

TEST_F(socket_test, that_is_closed_leaves_its_endpoint_at_once) {
  const std::string where = bind_to(socket_, any_port);
  close(socket_);
  for (int i = 0; i < 20; ++i) {
    void* const next = zmq_socket(context(), ZMQ_PULL);
    EXPECT_EQ(bind_again(next, where), 0);
    EXPECT_EQ(error_of(zmq_close(next)), 0);
  }
}

}  // namespace
}  // namespace monocoque::test
