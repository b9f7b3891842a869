// Options that some socket types alone have, and those that are bytes.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

namespace monocoque::test {
namespace {

using types = std::vector<int>;

const types& all_types() {
  static const types all{ZMQ_PAIR,   ZMQ_PUB,  ZMQ_SUB,  ZMQ_REQ,  ZMQ_REP, ZMQ_DEALER,
                         ZMQ_ROUTER, ZMQ_PULL, ZMQ_PUSH, ZMQ_XPUB, ZMQ_XSUB};
  return all;
}

class typed_options_test : public zmq_test {};

TEST_F(typed_options_test, that_are_flags_are_of_some_types_alone) {
  struct flag {
    int number;
    types of;
  };
  const std::array flags{
      flag{ZMQ_ROUTER_MANDATORY, {ZMQ_ROUTER}},
      flag{ZMQ_ROUTER_HANDOVER, {ZMQ_ROUTER}},
      flag{ZMQ_PROBE_ROUTER, {ZMQ_ROUTER, ZMQ_DEALER, ZMQ_REQ}},
      flag{ZMQ_REQ_CORRELATE, {ZMQ_REQ}},
      flag{ZMQ_REQ_RELAXED, {ZMQ_REQ}},
      flag{ZMQ_XPUB_VERBOSE, {ZMQ_PUB, ZMQ_XPUB}},
      flag{ZMQ_XPUB_VERBOSER, {ZMQ_PUB, ZMQ_XPUB}},
      flag{ZMQ_XPUB_MANUAL, {ZMQ_XPUB}},
      flag{ZMQ_XPUB_NODROP, {ZMQ_PUB, ZMQ_XPUB}},
  };
  for (const int type : all_types()) {
    void* const made = socket(type);
    for (const flag& each : flags) {
      // libzmq's PUB is an XPUB and its REP a ROUTER: they take whatever those take.
      const int more = type == ZMQ_PUB ? ZMQ_XPUB : type == ZMQ_REP ? ZMQ_ROUTER : type;
      if (is_debians_libzmq() && more != type && std::ranges::count(each.of, more) != 0) continue;
      const bool has = std::ranges::count(each.of, type) != 0;
      for (const int value : {1, 0})
        EXPECT_EQ(error_of(set(made, each.number, value)), has ? 0 : EINVAL) << type << ": " << each.number;
      EXPECT_EQ(error_of(set(made, each.number, -1)), EINVAL) << type << ": " << each.number;
      EXPECT_EQ(error_of(set(made, each.number, std::string("1"))), EINVAL) << type << ": " << each.number;
    }
  }
}

TEST_F(typed_options_test, that_subscribe_are_for_subscribers) {
  for (const int type : all_types()) {
    void* const made = socket(type);
    for (const int option : {ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE}) {
      if (type == ZMQ_XPUB) continue;  // of the last subscriber, if that is done by hand
      EXPECT_EQ(error_of(set(made, option, std::string("topic"))), type == ZMQ_SUB ? 0 : EINVAL) << type;
      EXPECT_EQ(error_of(zmq_setsockopt(made, option, nullptr, 0)), type == ZMQ_SUB ? 0 : EINVAL) << type;
    }
  }
}

TEST_F(typed_options_test, hold_routing_ids) {
  void* const made = socket(ZMQ_DEALER);
  std::array<char, 300> room{};
  std::size_t size = room.size();
  EXPECT_EQ(zmq_getsockopt(made, ZMQ_ROUTING_ID, room.data(), &size), 0);
  EXPECT_EQ(size, 0U);
  for (const std::string& id : {std::string("a"), std::string("b\0c", 3), std::string(255, 'x')}) {
    EXPECT_EQ(error_of(set(made, ZMQ_ROUTING_ID, id)), 0);
    size = room.size();
    EXPECT_EQ(zmq_getsockopt(made, ZMQ_ROUTING_ID, room.data(), &size), 0);
    EXPECT_EQ(std::string(room.data(), size), id);
  }
  size = 254;
  EXPECT_EQ(error_of(zmq_getsockopt(made, ZMQ_ROUTING_ID, room.data(), &size)), EINVAL);
  EXPECT_EQ(error_of(set(made, ZMQ_ROUTING_ID, std::string())), EINVAL);
  EXPECT_EQ(error_of(set(made, ZMQ_ROUTING_ID, std::string(256, 'x'))), EINVAL);
}

TEST_F(typed_options_test, name_the_peer_that_is_connected_next) {
  void* const server = socket(ZMQ_ROUTER);
  const std::string where = bind_to(server, any_port);
  void* const client = socket(ZMQ_ROUTER);
  EXPECT_EQ(error_of(set(socket(ZMQ_DEALER), ZMQ_CONNECT_ROUTING_ID, std::string("server"))), EINVAL);
  ASSERT_EQ(set(server, ZMQ_ROUTING_ID, std::string("its own name")), 0);
  ASSERT_EQ(set(client, ZMQ_ROUTING_ID, std::string("client")), 0);
  ASSERT_EQ(set(client, ZMQ_ROUTER_MANDATORY, 1), 0);
  ASSERT_EQ(error_of(set(client, ZMQ_CONNECT_ROUTING_ID, std::string("server"))), 0);
  ASSERT_EQ(error_of(zmq_connect(client, where.c_str())), 0);
  ASSERT_TRUE(send(client, frames{"server", "hello"}));
  EXPECT_EQ(receive_all(server), (frames{"client", "hello"}));
}

TEST_F(typed_options_test, welcome_subscribers) {
  for (const int type : {ZMQ_XPUB, ZMQ_PUB}) {
    void* const feed = socket(type);
    ASSERT_EQ(error_of(set(feed, ZMQ_XPUB_WELCOME_MSG, std::string("welcome"))), 0);
    EXPECT_EQ(error_of(set(socket(ZMQ_PUSH), ZMQ_XPUB_WELCOME_MSG, std::string("welcome"))), EINVAL);
    void* const reader = socket(ZMQ_SUB);
    ASSERT_EQ(set(reader, ZMQ_SUBSCRIBE, std::string("w")), 0);
    const std::string where = bind_to(feed, type == ZMQ_XPUB ? "inproc://xpub" : "inproc://pub");
    ASSERT_EQ(error_of(zmq_connect(reader, where.c_str())), 0);
    // libzmq's feed looks after its subscribers when it is called
    if (type == ZMQ_XPUB) {
      EXPECT_EQ(receive(feed), "\001w");
    } else {
      EXPECT_EQ(get(feed, ZMQ_EVENTS), ZMQ_POLLOUT);
    }
    EXPECT_EQ(receive(reader), "welcome");
  }
}

TEST_F(typed_options_test, tell_of_each_subscription) {
  void* const feed = socket(ZMQ_XPUB);
  ASSERT_EQ(set(feed, ZMQ_XPUB_VERBOSER, 1), 0);
  const std::string where = bind_to(feed, any_port);
  std::array readers{socket(ZMQ_SUB), socket(ZMQ_SUB)};
  for (void* const reader : readers) {
    ASSERT_EQ(error_of(zmq_connect(reader, where.c_str())), 0);
    ASSERT_EQ(set(reader, ZMQ_SUBSCRIBE, std::string("a")), 0);
    EXPECT_EQ(receive(feed), "\001a");
  }
  for (void* const reader : readers) {
    ASSERT_EQ(set(reader, ZMQ_UNSUBSCRIBE, std::string("a")), 0);
    EXPECT_EQ(receive(feed), std::string("\0a", 2));
  }
}

TEST_F(typed_options_test, subscribe_by_hand) {
  void* const feed = socket(ZMQ_XPUB);
  ASSERT_EQ(set(feed, ZMQ_XPUB_MANUAL, 1), 0);
  void* const reader = socket(ZMQ_SUB);
  ASSERT_EQ(error_of(zmq_connect(reader, bind_to(feed, any_port).c_str())), 0);
  ASSERT_EQ(set(reader, ZMQ_SUBSCRIBE, std::string("")), 0);
  EXPECT_EQ(receive(feed), "\001");
  ASSERT_EQ(error_of(set(feed, ZMQ_SUBSCRIBE, std::string("b"))), 0);
  ASSERT_TRUE(send(feed, "a"));
  ASSERT_TRUE(send(feed, "b"));
  EXPECT_EQ(receive(reader), "b");
}

TEST_F(typed_options_test, hold_texts) {
  void* const made = socket(ZMQ_DEALER);
  EXPECT_EQ(get_text(made, ZMQ_BINDTODEVICE), "");
  ASSERT_EQ(error_of(set(made, ZMQ_BINDTODEVICE, std::string("lo"))), 0);
  EXPECT_EQ(get_text(made, ZMQ_BINDTODEVICE), "lo");
  std::array<char, 2> room{};
  std::size_t size = room.size();
  EXPECT_EQ(error_of(zmq_getsockopt(made, ZMQ_BINDTODEVICE, room.data(), &size)), EINVAL) << "and a 0";
}

TEST_F(typed_options_test, keep_the_last_message_alone) {
  void* const in = socket(ZMQ_PULL);
  ASSERT_EQ(set(in, ZMQ_CONFLATE, 1), 0);
  void* const out = socket(ZMQ_PUSH);
  bind_to(in, "inproc://here");
  ASSERT_EQ(set(out, ZMQ_CONFLATE, 1), 0);
  ASSERT_EQ(error_of(zmq_connect(out, "inproc://here")), 0);
  for (const char* each : {"one", "two", "three"}) ASSERT_TRUE(send(out, each));
  EXPECT_EQ(receive(in), "three");
  EXPECT_EQ(receive(in, ZMQ_DONTWAIT), "(Resource temporarily unavailable)");
}

TEST_F(typed_options_test, are_taken_where_they_do_nothing) {
  for (const int type : {ZMQ_PAIR, ZMQ_REQ, ZMQ_REP, ZMQ_ROUTER, ZMQ_XPUB, ZMQ_XSUB}) {
    void* const made = socket(type);
    EXPECT_EQ(error_of(set(made, ZMQ_CONFLATE, 1)), 0) << type;
    EXPECT_EQ(get(made, ZMQ_CONFLATE), 1) << type;
  }
  void* const in = socket(ZMQ_PAIR);
  void* const out = socket(ZMQ_PAIR);
  for (void* const each : {in, out}) ASSERT_EQ(set(each, ZMQ_CONFLATE, 1), 0);
  ASSERT_EQ(error_of(zmq_connect(out, bind_to(in, "inproc://here").c_str())), 0);
  for (const char* each : {"one", "two"}) ASSERT_TRUE(send(out, each));
  for (const char* each : {"one", "two"}) EXPECT_EQ(receive(in), each);
}

TEST_F(typed_options_test, limit_each_frame_of_a_message) {
  void* const in = socket(ZMQ_PULL);
  const std::int64_t largest = 100;
  ASSERT_EQ(zmq_setsockopt(in, ZMQ_MAXMSGSIZE, &largest, sizeof largest), 0);
  void* const out = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(out, bind_to(in, any_port).c_str())), 0);
  const frames three(3, std::string(100, 'x'));
  ASSERT_TRUE(send(out, three));
  EXPECT_EQ(receive_all(in), three);
}

TEST_F(typed_options_test, refuse_frames_that_are_too_large) {
  void* const in = socket(ZMQ_PULL);
  const std::int64_t largest = 100;  // libzmq's handshake needs some
  ASSERT_EQ(zmq_setsockopt(in, ZMQ_MAXMSGSIZE, &largest, sizeof largest), 0);
  const std::string where = bind_to(in, any_port);
  void* const bad = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(bad, where.c_str())), 0);
  ASSERT_TRUE(send(bad, std::string(100, 'x')));
  EXPECT_EQ(receive(in), std::string(100, 'x'));
  ASSERT_TRUE(send(bad, std::string(101, 'x')));
  void* const good = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(good, where.c_str())), 0);
  ASSERT_TRUE(send(good, "short"));
  EXPECT_EQ(receive(in), "short");
}

TEST_F(typed_options_test, queue_for_connections_that_are_up_only) {
  void* const out = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(out, "tcp://127.0.0.1:1")), 0);
  EXPECT_TRUE(send(out, "x", ZMQ_DONTWAIT));
  void* const strict = socket(ZMQ_PUSH);
  ASSERT_EQ(set(strict, ZMQ_IMMEDIATE, 1), 0);
  ASSERT_EQ(error_of(zmq_connect(strict, "tcp://127.0.0.1:1")), 0);
  EXPECT_EQ(error_of(zmq_send(strict, "x", 1, ZMQ_DONTWAIT)), EAGAIN);
}

TEST_F(typed_options_test, change_while_it_is_connected) {
  void* const in = socket(ZMQ_PULL);
  void* const out = socket(ZMQ_PUSH);
  ASSERT_EQ(error_of(zmq_connect(out, bind_to(in, any_port).c_str())), 0);
  char octet = 0;
  EXPECT_EQ(set(in, ZMQ_RCVTIMEO, 1), 0);
  EXPECT_EQ(error_of(zmq_recv(in, &octet, 1, 0)), EAGAIN);
  for (const int option : {ZMQ_SNDHWM, ZMQ_RCVHWM, ZMQ_LINGER, ZMQ_RECONNECT_IVL, ZMQ_SNDTIMEO})
    EXPECT_EQ(error_of(set(out, option, 5)), 0) << option;
  EXPECT_TRUE(send(out, "x"));
}

TEST_F(typed_options_test, ask_again_if_relaxed) {
  void* const service = socket(ZMQ_ROUTER);
  void* const client = socket(ZMQ_REQ);
  ASSERT_EQ(set(client, ZMQ_REQ_RELAXED, 1), 0);
  ASSERT_EQ(set(client, ZMQ_REQ_CORRELATE, 1), 0);
  ASSERT_EQ(error_of(zmq_connect(client, bind_to(service, any_port).c_str())), 0);
  ASSERT_TRUE(send(client, "one"));
  frames first = receive_all(service);
  ASSERT_EQ(first.size(), 4U) << "who, which request, a delimiter, and what";
  ASSERT_TRUE(send(client, "two"));
  frames second = receive_all(service);
  first.back() = "answer to one";
  second.back() = "answer to two";
  ASSERT_TRUE(send(service, first));
  ASSERT_TRUE(send(service, second));
  EXPECT_EQ(receive(client), "answer to two");
}

}  // namespace
}  // namespace monocoque::test
