// PLAIN, CURVE and handlers of ZAP, as programs written for libzmq have them.

#include "tests/capi/library.hpp"
#include "tests/capi/support.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace monocoque::test {
namespace {

constexpr std::size_t key_room = 41;
using key = std::array<char, key_room>;

int set_key(void* socket, int option, const key& value) {
  return zmq_setsockopt(socket, option, value.data(), value.size() - 1);
}

class security_test : public zmq_test {
 protected:
  ~security_test() override {
    if (!handling_.joinable()) return;
    EXPECT_TRUE(send(stopping_, "stop"));
    handling_.join();
  }

  /// Answers every request with that status, and keeps what it was asked.
  void handle(std::string status) {
    void* const handler = zmq_socket(context(), ZMQ_REP);
    ASSERT_EQ(error_of(zmq_bind(handler, "inproc://zeromq.zap.01")), 0);
    void* const stopped = zmq_socket(context(), ZMQ_PAIR);
    bind_to(stopped, "inproc://stop");
    ASSERT_EQ(error_of(zmq_connect(stopping_, "inproc://stop")), 0);
    handling_ = std::thread([this, handler, stopped, status = std::move(status)] {
      std::array<zmq_pollitem_t, 2> items{{{handler, -1, ZMQ_POLLIN, 0}, {stopped, -1, ZMQ_POLLIN, 0}}};
      while (zmq_poll(items.data(), 2, patience) > 0 && items[1].revents == 0) {
        frames asked = receive_all(handler);
        EXPECT_TRUE(send(handler, frames{"1.0", asked.at(1), status, "because", "the user", ""}));
        requests_.push_back(std::move(asked));
      }
      zmq_close(handler);
      zmq_close(stopped);
    });
  }
  /// A socket that hears how handshakes of `watched` end.
  void* watch(void* watched, const char* where) {
    EXPECT_EQ(error_of(zmq_socket_monitor(watched, where,
                                          ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                              ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                              ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)),
              0);
    void* const listening = socket(ZMQ_PAIR);
    EXPECT_EQ(error_of(zmq_connect(listening, where)), 0);
    return listening;
  }
  static std::pair<int, int> next_event(void* listening) {
    const frames got = receive_all(listening);
    std::uint16_t event = 0;
    std::int32_t value = 0;
    if (got.front().size() == sizeof event + sizeof value) {
      std::memcpy(&event, got.front().data(), sizeof event);
      std::memcpy(&value, got.front().data() + sizeof event, sizeof value);
    }
    return {event, value};
  }
  void expect_traffic(void* server, void* client) {
    ASSERT_TRUE(send(client, "x"));
    EXPECT_EQ(receive(server), "x");
  }
  void connect(void* client, const std::string& where) {
    ASSERT_EQ(error_of(zmq_connect(client, where.c_str())), 0);
  }

  /// A handler is asked once about the client, which it lets in, and ends: `requests_` has what it was asked.
  void be_let_in_by_a_handler() {
    handle("200");
    ASSERT_EQ(set(server_, ZMQ_ZAP_DOMAIN, std::string("domain")), 0);
    connect(client_, bind_to(server_, any_port));
    expect_traffic(server_, client_);
    ASSERT_TRUE(send(stopping_, "stop"));
    handling_.join();
    ASSERT_EQ(requests_.size(), 1U);
  }

  void* server_ = socket(ZMQ_PULL);
  void* client_ = socket(ZMQ_PUSH);
  void* stopping_ = socket(ZMQ_PAIR);
  std::vector<frames> requests_;  // once the handler has ended
  std::thread handling_;
};

TEST_F(security_test, has_names_and_passwords) {
  EXPECT_EQ(get_text(client_, ZMQ_PLAIN_USERNAME), "");
  ASSERT_EQ(set(client_, ZMQ_PLAIN_USERNAME, std::string("the user")), 0);
  EXPECT_EQ(get(client_, ZMQ_MECHANISM), ZMQ_PLAIN);
  ASSERT_EQ(set(client_, ZMQ_PLAIN_PASSWORD, std::string("secret")), 0);
  EXPECT_EQ(get_text(client_, ZMQ_PLAIN_USERNAME), "the user");
  EXPECT_EQ(get_text(client_, ZMQ_PLAIN_PASSWORD), "secret");
  EXPECT_EQ(get(client_, ZMQ_PLAIN_SERVER), 0);
  EXPECT_EQ(error_of(set(client_, ZMQ_PLAIN_USERNAME, std::string(256, 'x'))), EINVAL);
  EXPECT_EQ(error_of(set(client_, ZMQ_PLAIN_USERNAME, std::string())), EINVAL);
  EXPECT_EQ(error_of(zmq_setsockopt(client_, ZMQ_PLAIN_USERNAME, nullptr, 0)), 0);
  EXPECT_EQ(get(client_, ZMQ_MECHANISM), ZMQ_NULL);
  ASSERT_EQ(set(server_, ZMQ_PLAIN_SERVER, 1), 0);
  EXPECT_EQ(get(server_, ZMQ_PLAIN_SERVER), 1);
  EXPECT_EQ(get(server_, ZMQ_MECHANISM), ZMQ_PLAIN);
}

TEST_F(security_test, has_domains) {
  EXPECT_EQ(get_text(server_, ZMQ_ZAP_DOMAIN), "");
  ASSERT_EQ(set(server_, ZMQ_ZAP_DOMAIN, std::string("domain")), 0);
  EXPECT_EQ(get_text(server_, ZMQ_ZAP_DOMAIN), "domain");
  EXPECT_EQ(error_of(set(server_, ZMQ_ZAP_DOMAIN, std::string())), EINVAL);
  EXPECT_EQ(error_of(zmq_setsockopt(server_, ZMQ_ZAP_DOMAIN, nullptr, 0)), EINVAL);
  EXPECT_EQ(error_of(set(server_, ZMQ_ZAP_DOMAIN, std::string(256, 'x'))), EINVAL);
  EXPECT_EQ(error_of(set(server_, ZMQ_ZAP_DOMAIN, std::string(255, 'x'))), 0);
}

TEST_F(security_test, asks_a_handler_about_plain) {
  handle("200");
  ASSERT_EQ(set(server_, ZMQ_PLAIN_SERVER, 1), 0);
  ASSERT_EQ(set(server_, ZMQ_ZAP_DOMAIN, std::string("domain")), 0);
  ASSERT_EQ(set(client_, ZMQ_PLAIN_USERNAME, std::string("the user")), 0);
  ASSERT_EQ(set(client_, ZMQ_PLAIN_PASSWORD, std::string("secret")), 0);
  connect(client_, bind_to(server_, any_port));
  ASSERT_TRUE(send(client_, "x"));
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  ASSERT_EQ(zmq_msg_recv(&frame, server_, 0), 1);
  EXPECT_STREQ(zmq_msg_gets(&frame, "User-Id"), "the user");
  zmq_msg_close(&frame);
  ASSERT_TRUE(send(stopping_, "stop"));
  handling_.join();
  ASSERT_EQ(requests_.size(), 1U);
  const frames& asked = requests_.front();
  ASSERT_EQ(asked.size(), 8U);
  EXPECT_EQ(asked[0], "1.0");
  EXPECT_EQ(frames(asked.begin() + 2, asked.end()),
            (frames{"domain", "127.0.0.1", "", "PLAIN", "the user", "secret"}));
}

TEST_F(security_test, tells_both_sides_of_a_refusal) {
  handle("400");
  ASSERT_EQ(set(server_, ZMQ_PLAIN_SERVER, 1), 0);
  ASSERT_EQ(set(client_, ZMQ_PLAIN_USERNAME, std::string("the user")), 0);
  ASSERT_EQ(set(client_, ZMQ_PLAIN_PASSWORD, std::string("wrong")), 0);
  void* const of_server = watch(server_, "inproc://server");
  void* const of_client = watch(client_, "inproc://client");
  connect(client_, bind_to(server_, any_port));
  EXPECT_EQ(next_event(of_server), std::pair(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, 400));
  EXPECT_EQ(next_event(of_client), std::pair(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, 400));
}

TEST_F(security_test, asks_a_handler_about_null_if_there_is_a_domain) {
  ASSERT_NO_FATAL_FAILURE(be_let_in_by_a_handler());
  EXPECT_EQ(frames(requests_[0].begin() + 2, requests_[0].end()),
            (frames{"domain", "127.0.0.1", "", "NULL"}));
}

TEST_F(security_test, has_one_mechanism_on_both_sides) {
  ASSERT_EQ(set(server_, ZMQ_PLAIN_SERVER, 1), 0);
  void* const of_server = watch(server_, "inproc://server");
  connect(client_, bind_to(server_, any_port));
  EXPECT_EQ(next_event(of_server),
            std::pair(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH));
}

class curve_security_test : public security_test {
 protected:
  void SetUp() override {
    if (zmq_has("curve") == 0) GTEST_SKIP() << "without CURVE";
    ASSERT_EQ(zmq_curve_keypair(server_public_.data(), server_secret_.data()), 0);
    ASSERT_EQ(zmq_curve_keypair(client_public_.data(), client_secret_.data()), 0);
    ASSERT_EQ(set(server_, ZMQ_CURVE_SERVER, 1), 0);
    ASSERT_EQ(set_key(server_, ZMQ_CURVE_SECRETKEY, server_secret_), 0);
    be_client(server_public_);
  }
  void be_client(const key& of_server) {
    ASSERT_EQ(error_of(set_key(client_, ZMQ_CURVE_SERVERKEY, of_server)), 0);
    ASSERT_EQ(error_of(set_key(client_, ZMQ_CURVE_PUBLICKEY, client_public_)), 0);
    ASSERT_EQ(error_of(set_key(client_, ZMQ_CURVE_SECRETKEY, client_secret_)), 0);
  }

  key server_public_{}, server_secret_{}, client_public_{}, client_secret_{};
};

TEST_F(curve_security_test, tells_keys_in_either_form) {
  EXPECT_EQ(get(client_, ZMQ_MECHANISM), ZMQ_CURVE);
  EXPECT_EQ(get(server_, ZMQ_CURVE_SERVER), 1);
  EXPECT_EQ(get(client_, ZMQ_CURVE_SERVER), 0);
  key text{};
  std::size_t size = text.size();
  ASSERT_EQ(error_of(zmq_getsockopt(client_, ZMQ_CURVE_PUBLICKEY, text.data(), &size)), 0);
  EXPECT_STREQ(text.data(), client_public_.data());
  std::array<std::uint8_t, 32> octets{}, expected{};
  size = octets.size();
  ASSERT_EQ(error_of(zmq_getsockopt(client_, ZMQ_CURVE_SERVERKEY, octets.data(), &size)), 0);
  zmq_z85_decode(expected.data(), server_public_.data());
  EXPECT_EQ(octets, expected);
  ASSERT_EQ(error_of(zmq_setsockopt(client_, ZMQ_CURVE_PUBLICKEY, octets.data(), octets.size())), 0);
  size = 20;
  EXPECT_EQ(error_of(zmq_getsockopt(client_, ZMQ_CURVE_PUBLICKEY, text.data(), &size)), EINVAL);
  EXPECT_EQ(error_of(zmq_setsockopt(client_, ZMQ_CURVE_PUBLICKEY, octets.data(), 31)), EINVAL);
  EXPECT_EQ(error_of(set(client_, ZMQ_CURVE_PUBLICKEY, std::string(40, ' '))), EINVAL);
}

TEST_F(curve_security_test, encrypts) {
  connect(client_, bind_to(server_, any_port));
  expect_traffic(server_, client_);
}

TEST_F(curve_security_test, tells_a_handler_the_clients_key) {
  ASSERT_NO_FATAL_FAILURE(be_let_in_by_a_handler());
  EXPECT_EQ(requests_[0].at(5), "CURVE");
  std::array<std::uint8_t, 32> expected{};
  zmq_z85_decode(expected.data(), client_public_.data());
  EXPECT_EQ(requests_[0].at(6), std::string(expected.begin(), expected.end()));
}

TEST_F(curve_security_test, refuses_whoever_has_another_key_of_the_server) {
  be_client(client_public_);
  void* const of_server = watch(server_, "inproc://server");
  connect(client_, bind_to(server_, any_port));
  EXPECT_EQ(next_event(of_server),
            std::pair(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC));
}

}  // namespace
}  // namespace monocoque::test
