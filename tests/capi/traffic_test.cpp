#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sys/uio.h>
#include <thread>

namespace monocoque::test {
namespace {

class traffic_test : public zmq_test {
 protected:
  /// Two connected sockets; the first has bound.
  std::array<void*, 2> pair(int bound, int connected, const char* where = any_port) {
    void* const one = socket(bound);
    void* const other = socket(connected);
    EXPECT_EQ(error_of(zmq_connect(other, bind_to(one, where).c_str())), 0);
    return {one, other};
  }
};

TEST_F(traffic_test, passes_messages_of_any_size) {
  for (const char* where : {any_port, "ipc://*", "inproc://here"}) {
    const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH, where);
    for (const std::size_t size : {0U, 1U, 33U, 34U, 255U, 256U, 8192U, 1'000'000U}) {
      ASSERT_TRUE(send(out, std::string(size, 'x')));
      EXPECT_EQ(receive(in), std::string(size, 'x'));
    }
  }
}

TEST_F(traffic_test, cuts_off_what_there_is_no_room_for) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  std::string room = "........";
  ASSERT_TRUE(send(out, frames{"123456", "abc"}));
  EXPECT_EQ(zmq_recv(in, room.data(), 4, 0), 6) << "the size that it had";
  EXPECT_EQ(room, "1234....");
  EXPECT_EQ(zmq_recv(in, room.data(), 8, 0), 3);
  EXPECT_EQ(room, "abc4....");
  ASSERT_TRUE(send(out, "x"));
  EXPECT_EQ(zmq_recv(in, nullptr, 0, 0), 1);
}

TEST_F(traffic_test, tells_of_frames_that_follow) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  ASSERT_TRUE(send(out, frames{"one", "", "three"}));
  ASSERT_TRUE(send(out, "alone"));
  for (const auto& [frame, more] :
       {std::pair{"one", 1}, std::pair{"", 1}, std::pair{"three", 0}, std::pair{"alone", 0}}) {
    EXPECT_EQ(receive(in), frame);
    EXPECT_EQ(get(in, ZMQ_RCVMORE), more);
  }
}

TEST_F(traffic_test, gives_a_message_up_with_its_last_frame_only) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  ASSERT_TRUE(send(out, "first", ZMQ_SNDMORE));
  EXPECT_EQ(receive(in, ZMQ_DONTWAIT), "(Resource temporarily unavailable)");
  ASSERT_TRUE(send(out, "last"));
  EXPECT_EQ(receive_all(in), (frames{"first", "last"}));
}

TEST_F(traffic_test, sends_constants) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  static const std::string constant(100'000, 'c');
  EXPECT_EQ(zmq_send_const(out, "abc", 3, ZMQ_SNDMORE), 3);
  EXPECT_EQ(zmq_send_const(out, constant.data(), constant.size(), 0), 100'000);
  EXPECT_EQ(receive_all(in), (frames{"abc", constant}));
}

TEST_F(traffic_test, has_older_names) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  zmq_msg_t frame;
  zmq_msg_init_size(&frame, 3);
  EXPECT_EQ(zmq_sendmsg(out, &frame, 0), 3);
  EXPECT_EQ(zmq_recvmsg(in, &frame, 0), 3);
  zmq_msg_close(&frame);
}

TEST_F(traffic_test, passes_vectors) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  std::array<std::string, 3> parts{"one", "three", "five!"};
  std::array<iovec, 3> vectors{};
  for (std::size_t i = 0; i < parts.size(); ++i) vectors.at(i) = {parts.at(i).data(), parts.at(i).size()};
  EXPECT_EQ(zmq_sendiov(out, vectors.data(), vectors.size(), ZMQ_SNDMORE), 5);
  std::size_t count = 3;
  EXPECT_EQ(zmq_recviov(in, vectors.data(), &count, 0), 3);
  ASSERT_EQ(count, 3U);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const iovec& got = vectors.at(i);
    EXPECT_EQ(std::string(static_cast<char*>(got.iov_base), got.iov_len), parts.at(i));
    std::free(got.iov_base);
  }
}

TEST_F(traffic_test, refuses_vectors_of_nothing) {
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  std::array<iovec, 1> vectors{};
  std::size_t none = 0;
  EXPECT_EQ(error_of(zmq_sendiov(out, vectors.data(), 0, 0)), EINVAL);
  EXPECT_EQ(error_of(zmq_sendiov(out, nullptr, 1, 0)), EINVAL);
  EXPECT_EQ(error_of(zmq_sendiov(nullptr, vectors.data(), 1, 0)), ENOTSOCK);
  EXPECT_EQ(error_of(zmq_recviov(in, vectors.data(), &none, 0)), EINVAL);
  EXPECT_EQ(error_of(zmq_recviov(nullptr, vectors.data(), &none, 0)), ENOTSOCK);
}

TEST_F(traffic_test, refuses_what_a_type_does_not_do) {
  char octet = 0;
  for (const int type : {ZMQ_PULL, ZMQ_SUB})
    EXPECT_EQ(error_of(zmq_send(socket(type), "x", 1, 0)), ENOTSUP) << type;
  for (const int type : {ZMQ_PUSH, ZMQ_PUB})
    EXPECT_EQ(error_of(zmq_recv(socket(type), &octet, 1, 0)), ENOTSUP) << type;
}

TEST_F(traffic_test, asks_and_answers_in_turn) {
  const auto [service, client] = pair(ZMQ_REP, ZMQ_REQ);
  char octet = 0;
  EXPECT_EQ(error_of(zmq_recv(client, &octet, 1, 0)), EFSM);
  EXPECT_EQ(error_of(zmq_send(service, "x", 1, 0)), EFSM);
  ASSERT_TRUE(send(client, frames{"how", "many?"}));
  EXPECT_EQ(error_of(zmq_send(client, "x", 1, 0)), EFSM);
  EXPECT_EQ(receive(service), "how");
  EXPECT_EQ(error_of(zmq_send(service, "x", 1, 0)), EFSM) << "with a frame left";
  EXPECT_EQ(get(service, ZMQ_EVENTS), ZMQ_POLLIN);
  EXPECT_EQ(receive(service), "many?");
  EXPECT_EQ(error_of(zmq_recv(service, &octet, 1, 0)), EFSM);
  ASSERT_TRUE(send(service, frames{"1", "2"}));
  EXPECT_EQ(receive(client), "1");
  EXPECT_EQ(error_of(zmq_send(client, "x", 1, 0)), EFSM) << "with a frame left";
  EXPECT_EQ(get(client, ZMQ_EVENTS), ZMQ_POLLIN);
  EXPECT_EQ(receive(client), "2");
  ASSERT_TRUE(send(client, "again", ZMQ_SNDMORE));
  EXPECT_EQ(error_of(zmq_recv(client, &octet, 1, 0)), EFSM);
}

TEST_F(traffic_test, does_not_wait_if_told_so) {
  char octet = 0;
  const auto [in, out] = pair(ZMQ_PULL, ZMQ_PUSH);
  EXPECT_EQ(error_of(zmq_recv(in, &octet, 1, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(error_of(zmq_send(socket(ZMQ_PUSH), "x", 1, ZMQ_DONTWAIT)), EAGAIN);
  EXPECT_EQ(ZMQ_NOBLOCK, ZMQ_DONTWAIT);
}

/// Whatever the receiver had taken when the sender had to wait first.
TEST_F(traffic_test, of_as_many_messages_as_both_marks_have_room_for_gets_out) {
  constexpr int mark = 100;
  constexpr int small = 4096;
  for (const char* where : {any_port, "ipc://*"}) {
    void* const out = socket(ZMQ_PUSH);
    void* const in = socket(ZMQ_PULL);
    ASSERT_EQ(set(out, ZMQ_SNDHWM, mark), 0);
    ASSERT_EQ(set(out, ZMQ_SNDBUF, small), 0);
    ASSERT_EQ(set(in, ZMQ_RCVHWM, mark), 0);
    ASSERT_EQ(set(in, ZMQ_RCVBUF, small), 0);
    ASSERT_EQ(error_of(zmq_connect(in, bind_to(out, where).c_str())), 0);
    const std::string message(2UL * small, 'x');
    for (int i = 0; i < 2 * mark; ++i) ASSERT_TRUE(send(out, message)) << where << ", message " << i;
    for (int i = 0; i < 2 * mark; ++i) ASSERT_EQ(receive(in), message);
    close(out);
    close(in);
  }
}

TEST_F(traffic_test, waits_no_longer_than_it_should) {
  char octet = 0;
  void* const alone = socket(ZMQ_DEALER);
  for (const int milliseconds : {0, 1, 20}) {
    set(alone, ZMQ_RCVTIMEO, milliseconds);
    set(alone, ZMQ_SNDTIMEO, milliseconds);
    EXPECT_EQ(error_of(zmq_recv(alone, &octet, 1, 0)), EAGAIN);
    EXPECT_EQ(error_of(zmq_send(alone, "x", 1, 0)), EAGAIN);
  }
}

TEST_F(traffic_test, drops_what_is_for_nobody_unless_told_otherwise) {
  void* const router = socket(ZMQ_ROUTER);
  EXPECT_TRUE(send(router, frames{"nobody", "content"}));
  ASSERT_EQ(set(router, ZMQ_ROUTER_MANDATORY, 1), 0);
  EXPECT_EQ(error_of(zmq_send(router, "nobody", 6, ZMQ_SNDMORE)), EHOSTUNREACH);
}

/// The rest of a message goes with the peer that it was for, and does not get to the next one.
TEST_F(traffic_test, drops_the_rest_of_a_message_whose_peer_has_gone) {
  if (is_debians_libzmq()) GTEST_SKIP() << "built without drafts";
  void* const router = socket(ZMQ_ROUTER);
  ASSERT_EQ(set(router, ZMQ_ROUTER_MANDATORY, 1), 0);
  const std::string where = bind_to(router, any_port);
  const auto join = [&](const char* name) {
    void* const dealer = socket(ZMQ_DEALER);
    EXPECT_EQ(set(dealer, ZMQ_ROUTING_ID, std::string(name)), 0);
    EXPECT_EQ(error_of(zmq_connect(dealer, where.c_str())), 0);
    EXPECT_TRUE(send(dealer, "hello"));
    EXPECT_EQ(receive_all(router), (frames{name, "hello"}));
    return dealer;
  };
  void* const leaving = join("one");
  void* const staying = join("two");
  ASSERT_EQ(zmq_send(router, "one", 3, ZMQ_SNDMORE), 3);
  close(leaving);
  while (zmq_socket_get_peer_state(router, "one", 3) != -1) std::this_thread::yield();
  EXPECT_EQ(zmq_send(router, "content", 7, 0), 7);
  ASSERT_TRUE(send(router, frames{"two", "welcome"}));
  EXPECT_EQ(receive_all(staying), frames{"welcome"});
}

TEST_F(traffic_test, names_peers) {
  void* const router = socket(ZMQ_ROUTER);
  const std::string where = bind_to(router, any_port);
  for (const char* name : {"one", "two"}) {
    void* const dealer = socket(ZMQ_DEALER);
    ASSERT_EQ(set(dealer, ZMQ_ROUTING_ID, std::string(name)), 0);
    ASSERT_EQ(error_of(zmq_connect(dealer, where.c_str())), 0);
    ASSERT_TRUE(send(dealer, "hello"));
    EXPECT_EQ(receive_all(router), (frames{name, "hello"}));
    ASSERT_TRUE(send(router, frames{name, "welcome"}));
    EXPECT_EQ(receive_all(dealer), frames{"welcome"});
  }
}

TEST_F(traffic_test, may_go_on_in_another_thread) {
  const auto ends = pair(ZMQ_PULL, ZMQ_PUSH);
  for (int i = 0; i < 20; ++i) {
    std::thread([&] { EXPECT_TRUE(send(ends.back(), std::to_string(i))); }).join();
    std::thread([&] { EXPECT_EQ(receive(ends.front()), std::to_string(i)); }).join();
  }
}

TEST_F(traffic_test, publishes_what_is_subscribed_to) {
  const auto [feed, reader] = pair(ZMQ_XPUB, ZMQ_SUB);
  ASSERT_EQ(set(reader, ZMQ_SUBSCRIBE, std::string("a")), 0);
  EXPECT_EQ(receive(feed), "\001a");
  for (const char* topic : {"b", "a1", "", "a2"}) EXPECT_TRUE(send(feed, topic));
  EXPECT_EQ(receive(reader), "a1");
  EXPECT_EQ(receive(reader), "a2");
  ASSERT_EQ(set(reader, ZMQ_UNSUBSCRIBE, std::string("a")), 0);
  EXPECT_EQ(receive(feed), std::string("\0a", 2));
}

}  // namespace
}  // namespace monocoque::test
