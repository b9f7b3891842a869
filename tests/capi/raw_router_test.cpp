// A ROUTER that speaks no ZMTP: what STREAM is for since, and older programs still have.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <cerrno>
#include <string>

namespace monocoque::test {
namespace {

class raw_router_test : public zmq_test {
 protected:
  raw_router_test() { EXPECT_EQ(set(router_, ZMQ_ROUTER_RAW, 1), 0); }
  /// A peer that is connected; the router's name of it.
  std::string connect() {
    EXPECT_EQ(error_of(zmq_connect(peer_, bind_to(router_, any_port).c_str())), 0);
    server_ = receive_all(peer_).front();
    const frames greeted = receive_all(router_);
    EXPECT_EQ(greeted.size(), 2U);
    EXPECT_EQ(greeted.back(), "");
    return greeted.front();
  }

  void* const router_ = socket(ZMQ_ROUTER);
  void* const peer_ = socket(ZMQ_STREAM);
  std::string server_;  // the peer's name of it
};

TEST_F(raw_router_test, reads_and_writes_what_the_connection_carries) {
  const std::string id = connect();
  ASSERT_TRUE(send(peer_, frames{server_, "GET /\r\n"}));
  EXPECT_EQ(receive_all(router_), (frames{id, "GET /\r\n"}));
  ASSERT_TRUE(send(router_, frames{id, "200\r\n"}));
  EXPECT_EQ(receive_all(peer_), (frames{server_, "200\r\n"}));
  // More is not to come, whatever is said.
  ASSERT_TRUE(send(router_, id, ZMQ_SNDMORE));
  ASSERT_TRUE(send(router_, "more", ZMQ_SNDMORE));
  EXPECT_EQ(receive_all(peer_), (frames{server_, "more"}));
}

TEST_F(raw_router_test, ends_a_connection_with_nothing) {
  if (is_debians_libzmq()) GTEST_SKIP() << "its peer is not told";
  const std::string id = connect();
  ASSERT_TRUE(send(router_, frames{id, ""}));
  EXPECT_EQ(receive_all(peer_), (frames{server_, ""}));
}

TEST_F(raw_router_test, drops_what_is_for_nobody_unless_told_otherwise) {
  EXPECT_TRUE(send(router_, frames{"nobody", "content"}));
  ASSERT_EQ(set(router_, ZMQ_ROUTER_MANDATORY, 1), 0);
  EXPECT_EQ(error_of(zmq_send(router_, "nobody", 6, ZMQ_SNDMORE)), EHOSTUNREACH);
  const std::string id = connect();
  EXPECT_TRUE(send(router_, frames{id, "content"}));
  EXPECT_EQ(receive_all(peer_), (frames{server_, "content"}));
}

/// Not to wait for one of many.
TEST_F(raw_router_test, drops_what_a_peer_has_no_room_for) {
  ASSERT_EQ(set(router_, ZMQ_SNDHWM, 1), 0);
  ASSERT_EQ(set(peer_, ZMQ_RCVHWM, 1), 0);
  const std::string id = connect();
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(router_, frames{id, large}));
  EXPECT_EQ(receive_all(peer_).front(), server_);
}

TEST_F(raw_router_test, has_options_that_mean_nothing_to_it) {
  if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  ASSERT_EQ(set(router_, ZMQ_HELLO_MSG, std::string("hello")), 0);
  ASSERT_EQ(set(router_, ZMQ_ZAP_DOMAIN, std::string("global")), 0);
  ASSERT_EQ(set(router_, ZMQ_PLAIN_SERVER, 1), 0);
  const std::string id = connect();
  ASSERT_TRUE(send(peer_, frames{server_, "x"}));
  EXPECT_EQ(receive_all(router_), (frames{id, "x"}));
}

TEST_F(raw_router_test, is_a_router_in_all_else) {
  EXPECT_EQ(get(router_, ZMQ_TYPE), ZMQ_ROUTER);
  EXPECT_EQ(set(router_, ZMQ_ROUTER_HANDOVER, 1), 0);
  EXPECT_EQ(set(router_, ZMQ_PROBE_ROUTER, is_debians_libzmq() ? 0 : 1), 0);  // which ends its process
  EXPECT_EQ(set(router_, ZMQ_RCVHWM, 7), 0);
  EXPECT_EQ(get(router_, ZMQ_RCVHWM), 7);
  int raw = 0;
  std::size_t size = sizeof raw;
  EXPECT_EQ(error_of(zmq_getsockopt(router_, ZMQ_ROUTER_RAW, &raw, &size)), EINVAL);
  EXPECT_EQ(error_of(set(router_, ZMQ_STREAM_NOTIFY, 0)), EINVAL);
  EXPECT_EQ(error_of(set(router_, ZMQ_ROUTER_RAW, -1)), EINVAL);
  EXPECT_EQ(error_of(set(peer_, ZMQ_ROUTER_RAW, 1)), EINVAL);
  connect();
}

TEST_F(raw_router_test, may_be_none_again) {
  if (is_debians_libzmq()) GTEST_SKIP() << "which forgets half of it";
  void* const dealer = socket(ZMQ_DEALER);
  for (const int raw : {1, 0}) ASSERT_EQ(set(router_, ZMQ_ROUTER_RAW, raw), 0);
  const std::string where = bind_to(router_, any_port);
  EXPECT_EQ(error_of(set(router_, ZMQ_ROUTER_RAW, 1)), EINVAL) << "too late";
  ASSERT_EQ(error_of(zmq_connect(dealer, where.c_str())), 0);
  ASSERT_TRUE(send(dealer, "hello"));
  EXPECT_EQ(receive_all(router_).back(), "hello");
}

}  // namespace
}  // namespace monocoque::test
