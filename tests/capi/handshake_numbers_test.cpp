// What monitors are told of peers that break the rules of the handshake.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>

namespace monocoque::test {
namespace {

using namespace std::string_literals;

/// What a peer says after its greeting, and what the monitor is told of it.
struct offence {
  const char* name;
  int mechanism;
  std::string words;
  std::uint32_t number;
  friend void PrintTo(const offence& what, std::ostream* to) { *to << what.name; }
};

std::string greeting_of(int mechanism) {
  const std::string name = mechanism == ZMQ_CURVE ? "CURVE" : mechanism == ZMQ_PLAIN ? "PLAIN" : "NULL";
  return "\xff\0\0\0\0\0\0\0\x01\x7f\x03\0"s + name + std::string(20 - name.size() + 32, '\0');
}
std::string command(const std::string& name, const std::string& data = {}) {
  const std::string body = static_cast<char>(name.size()) + name + data;
  return "\x04" + std::string(1, static_cast<char>(body.size())) + body;
}

class handshake_test : public zmq_test {
 protected:
  handshake_test() : server_(socket(ZMQ_DEALER)), heard_(socket(ZMQ_PAIR)) {
    const int events = ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    EXPECT_EQ(error_of(zmq_socket_monitor(server_, "inproc://heard", events)), 0);
    EXPECT_EQ(error_of(zmq_connect(heard_, "inproc://heard")), 0);
  }
  void secure(int mechanism) {
    EXPECT_EQ(set(server_, ZMQ_PLAIN_SERVER, mechanism == ZMQ_PLAIN ? 1 : 0), 0);
    if (mechanism != ZMQ_CURVE) return;
    std::array<char, 41> other{};
    ASSERT_EQ(error_of(zmq_curve_keypair(public_.data(), other.data())), 0);
    ASSERT_EQ(set(server_, ZMQ_CURVE_SERVER, 1), 0);
    ASSERT_EQ(set(server_, ZMQ_CURVE_SECRETKEY, std::string(other.data())), 0);
  }
  void expect_told(std::uint32_t number) {
    const frames told = receive_all(heard_);
    std::uint16_t event = 0;
    std::uint32_t value = 0;
    ASSERT_EQ(told.front().size(), sizeof event + sizeof value) << told.front();
    std::memcpy(&event, told.front().data(), sizeof event);
    std::memcpy(&value, told.front().data() + sizeof event, sizeof value);
    EXPECT_EQ(event, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    EXPECT_EQ(value, number);
  }

  void* const server_;
  void* const heard_;
  std::array<char, 41> public_{};
};

class handshake_numbers_test : public handshake_test, public testing::WithParamInterface<offence> {};

TEST_P(handshake_numbers_test, say_what_is_wrong) {
  const offence& what = GetParam();
  if (what.mechanism == ZMQ_CURVE && zmq_has("curve") == 0) GTEST_SKIP() << "built without CURVE";
  secure(what.mechanism);
  void* const peer = socket(ZMQ_STREAM);
  ASSERT_EQ(error_of(zmq_connect(peer, bind_to(server_, any_port).c_str())), 0);
  const std::string id = receive_all(peer).front();
  ASSERT_TRUE(send(peer, frames{id, greeting_of(what.mechanism) + what.words}));
  expect_told(what.number);
}
INSTANTIATE_TEST_SUITE_P(
    all, handshake_numbers_test,
    testing::Values(
        offence{"null_unexpected", ZMQ_NULL, command("HELLO"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        offence{"null_error", ZMQ_NULL, command("ERROR"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
        offence{"plain_unexpected", ZMQ_PLAIN, command("INITIATE"),
                ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        offence{"plain_hello", ZMQ_PLAIN, command("HELLO", "\x09me"),
                ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        offence{"curve_unexpected", ZMQ_CURVE, command("READY"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        offence{"curve_hello", ZMQ_CURVE, command("HELLO"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        offence{"curve_version", ZMQ_CURVE, command("HELLO", "\x02" + std::string(193, '\0')),
                ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        offence{"curve_key", ZMQ_CURVE, command("HELLO", "\x01" + std::string(193, '\0')),
                ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC}),
    [](const auto& parameter) { return parameter.param.name; });

/// Keys that are none are found out in the handshake; to connect succeeds.
class null_keys_test : public handshake_test, public testing::WithParamInterface<int> {};

TEST_P(null_keys_test, are_found_out) {
  if (zmq_has("curve") == 0) GTEST_SKIP() << "built without CURVE";
  if (is_debians_libzmq() && GetParam() == ZMQ_CURVE_SERVERKEY)
    GTEST_SKIP() << "4.3.4 gives up before it sends anything";
  secure(ZMQ_CURVE);
  std::array<char, 41> own{}, secret{};
  ASSERT_EQ(error_of(zmq_curve_keypair(own.data(), secret.data())), 0);
  const std::string null_key(40, '0');
  void* const client = socket(ZMQ_DEALER);
  ASSERT_EQ(set(client, ZMQ_CURVE_SERVERKEY, std::string(public_.data())), 0);
  ASSERT_EQ(set(client, ZMQ_CURVE_PUBLICKEY, std::string(own.data())), 0);
  ASSERT_EQ(set(client, ZMQ_CURVE_SECRETKEY, std::string(secret.data())), 0);
  ASSERT_EQ(set(client, GetParam(), null_key), 0);
  ASSERT_EQ(error_of(zmq_connect(client, bind_to(server_, any_port).c_str())), 0);
  expect_told(ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
}
INSTANTIATE_TEST_SUITE_P(all, null_keys_test,
                         testing::Values(ZMQ_CURVE_SERVERKEY, ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY));

}  // namespace
}  // namespace monocoque::test
