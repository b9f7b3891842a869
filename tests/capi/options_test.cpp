// Every option that a number is put into: its default, what it takes and refuses, and how it is told.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <vector>

namespace monocoque::test {
namespace {

struct int_option {
  int number;
  int usual;
  std::vector<int> accepted;
  std::vector<int> refused;
};

/// Of a socket of any type. ZMQ_LINGER and the timeouts are as the fixture of these tests leaves them.
const std::vector<int_option>& int_options() {
  static const std::vector<int_option> all{
      {ZMQ_SNDHWM, 1000, {0, 1, INT_MAX}, {-1, INT_MIN}},
      {ZMQ_RCVHWM, 1000, {0, 1, INT_MAX}, {-1, INT_MIN}},
      {ZMQ_SNDBUF, -1, {-1, 0, 1, 65536}, {-2}},
      {ZMQ_RCVBUF, -1, {-1, 0, 1, 65536}, {-2}},
      {ZMQ_LINGER, -1, {-1, 0, 1, INT_MAX}, {-2}},
      {ZMQ_RCVTIMEO, -1, {-1, 0, 1, INT_MAX}, {-2}},
      {ZMQ_SNDTIMEO, -1, {-1, 0, 1, INT_MAX}, {-2}},
      {ZMQ_RECONNECT_IVL, 100, {-1, 0, 1, 1000}, {-2}},
      {ZMQ_RECONNECT_IVL_MAX, 0, {0, 1, 1000}, {-1}},
      {ZMQ_BACKLOG, 100, {0, 1, 4096}, {-1}},
      {ZMQ_TOS, 0, {0, 1, 255}, {-1}},
      {ZMQ_IMMEDIATE, 0, {0, 1}, {-1, 2}},
      {ZMQ_IPV6, 0, {0, 1}, {-1, 2}},
      {ZMQ_IPV4ONLY, 1, {0, 1}, {-1, 2}},
      {ZMQ_CONFLATE, 0, {0, 1}, {-1, 2}},
      {ZMQ_TCP_KEEPALIVE, -1, {-1, 0, 1}, {-2, 2}},
      {ZMQ_TCP_KEEPALIVE_CNT, -1, {-1, 1, 100}, {-2}},
      {ZMQ_TCP_KEEPALIVE_IDLE, -1, {-1, 1, 100}, {-2}},
      {ZMQ_TCP_KEEPALIVE_INTVL, -1, {-1, 1, 100}, {-2}},
      {ZMQ_TCP_MAXRT, 0, {0, 1, 100}, {-1}},
      {ZMQ_HANDSHAKE_IVL, 30'000, {0, 1, 100}, {-1}},
      {ZMQ_CONNECT_TIMEOUT, 0, {0, 1, 100}, {-1}},
      {ZMQ_HEARTBEAT_IVL, 0, {0, 1, 100}, {-1}},
      {ZMQ_HEARTBEAT_TTL, 0, {0, 100, 6'553'500}, {6'553'600}},
      {ZMQ_PLAIN_SERVER, 0, {0, 1}, {-1, 2}},
  };
  return all;
}

class options_test : public zmq_test {
 protected:
  ~options_test() override { zmq_close(fresh_); }
  void* fresh_ = zmq_socket(context(), ZMQ_DEALER);
};

TEST_F(options_test, have_defaults) {
  for (const int_option& each : int_options()) EXPECT_EQ(get(fresh_, each.number), each.usual) << each.number;
  EXPECT_EQ(get(fresh_, ZMQ_RCVMORE), 0);
  EXPECT_EQ(get(fresh_, ZMQ_MECHANISM), ZMQ_NULL);
}

TEST_F(options_test, keep_what_they_take) {
  for (const int_option& each : int_options()) {
    for (const int value : each.accepted) {
      EXPECT_EQ(error_of(set(fresh_, each.number, value)), 0) << each.number << ": " << value;
      EXPECT_EQ(get(fresh_, each.number), value) << each.number;
    }
    EXPECT_EQ(set(fresh_, each.number, each.usual), 0);
  }
}

TEST_F(options_test, stay_as_they_are_if_something_is_refused) {
  for (const int_option& each : int_options()) {
    for (const int value : each.refused) {
      EXPECT_EQ(error_of(set(fresh_, each.number, value)), EINVAL) << each.number << ": " << value;
      EXPECT_EQ(get(fresh_, each.number), each.usual) << each.number;
    }
  }
}

TEST_F(options_test, are_ints) {
  for (const int_option& each : int_options()) {
    const std::int64_t wide = each.usual;
    const char narrow = 0;
    EXPECT_EQ(error_of(zmq_setsockopt(fresh_, each.number, &wide, sizeof wide)), EINVAL) << each.number;
    EXPECT_EQ(error_of(zmq_setsockopt(fresh_, each.number, &narrow, sizeof narrow)), EINVAL) << each.number;
    EXPECT_EQ(error_of(zmq_setsockopt(fresh_, each.number, nullptr, 0)), EINVAL) << each.number;
  }
}

TEST_F(options_test, are_told_where_there_is_room) {
  for (const int_option& each : int_options()) {
    std::array<unsigned char, 12> room;
    room.fill(0x55);
    std::size_t size = 3;
    EXPECT_EQ(error_of(zmq_getsockopt(fresh_, each.number, room.data(), &size)), EINVAL) << each.number;
    size = 8;
    EXPECT_EQ(error_of(zmq_getsockopt(fresh_, each.number, room.data(), &size)), EINVAL) << "too much room";
    EXPECT_EQ(room[0], 0x55);
  }
  std::array<unsigned char, 12> room;
  room.fill(0x55);
  std::size_t size = 8;
  EXPECT_EQ(error_of(zmq_getsockopt(fresh_, ZMQ_RCVMORE, room.data(), &size)), 0) << "what the socket says";
  EXPECT_EQ(size, sizeof(int));
  EXPECT_EQ(room[0], 0);
  EXPECT_EQ(room[4], 0) << "the rest of the room is cleared";
  EXPECT_EQ(room[8], 0x55) << "and no more";
  size = 8;
  EXPECT_EQ(error_of(zmq_getsockopt(fresh_, ZMQ_TYPE, room.data(), &size)), EINVAL);
}

TEST_F(options_test, have_a_largest_frame_of_64_bits) {
  std::int64_t value = 0;
  std::size_t size = sizeof value;
  ASSERT_EQ(zmq_getsockopt(fresh_, ZMQ_MAXMSGSIZE, &value, &size), 0);
  EXPECT_EQ(value, -1);
  for (const std::int64_t accepted :
       {std::int64_t{-1}, std::int64_t{-5}, std::int64_t{0}, std::int64_t{1} << 40}) {
    EXPECT_EQ(error_of(zmq_setsockopt(fresh_, ZMQ_MAXMSGSIZE, &accepted, sizeof accepted)), 0);
    ASSERT_EQ(zmq_getsockopt(fresh_, ZMQ_MAXMSGSIZE, &value, &size), 0);
    EXPECT_EQ(value, accepted);
  }
  EXPECT_EQ(error_of(set(fresh_, ZMQ_MAXMSGSIZE, 100)), EINVAL) << "an int";
  size = sizeof(int);
  EXPECT_EQ(error_of(zmq_getsockopt(fresh_, ZMQ_MAXMSGSIZE, &value, &size)), EINVAL);
  std::array<std::int64_t, 2> wide{};
  size = sizeof wide;
  EXPECT_EQ(error_of(zmq_getsockopt(fresh_, ZMQ_MAXMSGSIZE, wide.data(), &size)), EINVAL);
}

TEST_F(options_test, tell_heartbeats_in_tenths_of_a_second) {
  EXPECT_EQ(set(fresh_, ZMQ_HEARTBEAT_TTL, 199), 0);
  EXPECT_EQ(get(fresh_, ZMQ_HEARTBEAT_TTL), 100);
  EXPECT_EQ(set(fresh_, ZMQ_HEARTBEAT_TTL, 6'553'599), 0);
  EXPECT_EQ(get(fresh_, ZMQ_HEARTBEAT_TTL), 6'553'500);
}

TEST_F(options_test, are_refused_where_they_mean_nothing) {
  if (is_debians_libzmq()) GTEST_SKIP() << "it takes what its manual does not have";
  for (const int keepalive : {ZMQ_TCP_KEEPALIVE_CNT, ZMQ_TCP_KEEPALIVE_IDLE, ZMQ_TCP_KEEPALIVE_INTVL})
    EXPECT_EQ(error_of(set(fresh_, keepalive, 0)), EINVAL);
  EXPECT_EQ(error_of(set(fresh_, ZMQ_HEARTBEAT_TTL, -1)), EINVAL);
  EXPECT_EQ(error_of(set(fresh_, ZMQ_INVERT_MATCHING, 1)), EINVAL) << "of a DEALER";
}

TEST_F(options_test, of_ip_are_two_names_for_one) {
  EXPECT_EQ(set(fresh_, ZMQ_IPV4ONLY, 0), 0);
  EXPECT_EQ(get(fresh_, ZMQ_IPV6), 1);
  EXPECT_EQ(set(fresh_, ZMQ_IPV6, 0), 0);
  EXPECT_EQ(get(fresh_, ZMQ_IPV4ONLY), 1);
}

TEST_F(options_test, that_there_are_not_are_refused) {
  for (const int option : {-1, 0, 10, 4711}) {
    int value = 0;
    std::size_t size = sizeof value;
    EXPECT_EQ(error_of(set(fresh_, option, 1)), EINVAL) << option;
    EXPECT_EQ(error_of(zmq_getsockopt(fresh_, option, &value, &size)), EINVAL) << option;
  }
}

TEST_F(options_test, that_are_told_only_cannot_be_set) {
  for (const int option :
       {ZMQ_RCVMORE, ZMQ_FD, ZMQ_EVENTS, ZMQ_TYPE, ZMQ_LAST_ENDPOINT, ZMQ_MECHANISM, ZMQ_THREAD_SAFE})
    EXPECT_EQ(error_of(set(fresh_, option, 1)), EINVAL) << option;
}

TEST_F(options_test, that_are_set_only_are_not_told) {
  for (const int option : {ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE, ZMQ_ROUTER_MANDATORY, ZMQ_ROUTER_HANDOVER,
                           ZMQ_PROBE_ROUTER, ZMQ_REQ_CORRELATE, ZMQ_REQ_RELAXED, ZMQ_XPUB_VERBOSE,
                           ZMQ_XPUB_NODROP, ZMQ_XPUB_MANUAL, ZMQ_XPUB_WELCOME_MSG, ZMQ_CONNECT_ROUTING_ID}) {
    std::array<char, 256> room{};
    std::size_t size = room.size();
    EXPECT_EQ(error_of(zmq_getsockopt(fresh_, option, room.data(), &size)), EINVAL) << option;
  }
}

}  // namespace
}  // namespace monocoque::test
