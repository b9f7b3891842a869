#include "tests/interop/zmq_peer.hpp"

#include "tests/socket/support.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <utility>

namespace monocoque::test {
namespace {

int patience_ms() { return static_cast<int>(patience.count()); }

void check(bool good, const char* doing) {
  if (!good) throw std::runtime_error(std::string("libzmq: ") + doing + ": " + zmq_strerror(zmq_errno()));
}

template <class Key>
std::string_view octets_of(const Key& key) {
  return {reinterpret_cast<const char*>(key.data().data()), key.data().size()};
}

}  // namespace

zmq_context::zmq_context() : raw_(zmq_ctx_new()) {}
zmq_context::~zmq_context() { zmq_ctx_term(raw_); }

zmq_peer::zmq_peer(const zmq_context& owner, socket_type type)
    : type_(type), raw_(zmq_socket(owner.raw(), static_cast<int>(type))) {
  check(raw_ != nullptr, "socket");
  zmq_msg_init(&last_);
  set(ZMQ_RCVTIMEO, patience_ms());
  set(ZMQ_SNDTIMEO, patience_ms());
  // A subscriber that comes back to a publisher that has gone would linger over its subscriptions.
  const bool subscribes = type == socket_type::sub || type == socket_type::xsub;
  set(ZMQ_LINGER, subscribes ? 0 : patience_ms());
}

zmq_peer::zmq_peer(zmq_peer&& other) noexcept : type_(other.type_), raw_(std::exchange(other.raw_, nullptr)) {
  zmq_msg_init(&last_);
  zmq_msg_move(&last_, &other.last_);
}

zmq_peer::~zmq_peer() {
  zmq_msg_close(&last_);
  if (raw_ == nullptr) return;
  // Whatever a failed test left behind must not hold up the end of the context.
  if (std::uncaught_exceptions() > 0 || testing::Test::HasFailure()) set(ZMQ_LINGER, 0);
  zmq_close(raw_);
}

void zmq_peer::close() {
  if (void* raw = std::exchange(raw_, nullptr); raw != nullptr) zmq_close(raw);
}

void zmq_peer::set(int option, int value) { zmq_setsockopt(raw_, option, &value, sizeof value); }

void zmq_peer::set(int option, std::string_view value) {
  check(zmq_setsockopt(raw_, option, value.data(), value.size()) == 0, "option");
}

void zmq_peer::set(std::string_view option, std::string_view value) {
  if (option == "routing_id") {
    set(ZMQ_ROUTING_ID, value);
  } else if (option == "probe_router") {
    set(ZMQ_PROBE_ROUTER, 1);
  } else if (option == "reconnect" && value == "never") {
    set(ZMQ_RECONNECT_IVL, -1);
  } else {
    throw std::logic_error("no such option");
  }
}

void zmq_peer::secure(const security_mechanism& how) {
  if (const auto* const plain = std::get_if<plain_client>(&how)) {
    set(ZMQ_PLAIN_USERNAME, plain->username);
    set(ZMQ_PLAIN_PASSWORD, plain->password);
  } else if (std::holds_alternative<plain_server>(how)) {
    set(ZMQ_PLAIN_SERVER, 1);
  } else if (const auto* const client = std::get_if<curve_client>(&how)) {
    set(ZMQ_CURVE_SERVERKEY, octets_of(client->server));
    set(ZMQ_CURVE_PUBLICKEY, octets_of(client->keys.public_key));
    set(ZMQ_CURVE_SECRETKEY, octets_of(client->keys.secret_key));
  } else if (const auto* const server = std::get_if<curve_server>(&how)) {
    set(ZMQ_CURVE_SERVER, 1);
    set(ZMQ_CURVE_SECRETKEY, octets_of(server->keys.secret_key));
  }
}

std::string zmq_peer::bind(const std::string& endpoint) {
  // libzmq writes "any port" as *.
  std::string name = endpoint;
  if (name.ends_with(":0")) name.replace(name.size() - 1, 1, "*");
  // What was bound a moment ago is given up in the background.
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (zmq_bind(raw_, name.c_str()) != 0) {
    check(zmq_errno() == EADDRINUSE && std::chrono::steady_clock::now() < give_up, "bind");
  }
  std::array<char, 300> resolved{};
  std::size_t size = resolved.size();
  check(zmq_getsockopt(raw_, ZMQ_LAST_ENDPOINT, resolved.data(), &size) == 0, "last endpoint");
  return resolved.data();
}

void zmq_peer::connect(const std::string& endpoint) {
  check(zmq_connect(raw_, endpoint.c_str()) == 0, "connect");
}

void zmq_peer::subscribe(const std::string& topic) {
  if (type_ == socket_type::xsub) {
    send({"\x01" + topic});
  } else {
    check(zmq_setsockopt(raw_, ZMQ_SUBSCRIBE, topic.data(), topic.size()) == 0, "subscribe");
  }
}

bool zmq_peer::send_parts(const frames& message, int flags) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    const int more = i + 1 < message.size() ? ZMQ_SNDMORE : 0;
    if (zmq_send(raw_, message[i].data(), message[i].size(), flags | more) < 0) {
      check(zmq_errno() == EAGAIN, "send");
      return false;
    }
  }
  return true;
}

void zmq_peer::send(const frames& message) {
  if (!send_parts(message, 0)) throw std::runtime_error("libzmq: could not send in time");
}
bool zmq_peer::try_send(const frames& message) { return send_parts(message, ZMQ_DONTWAIT); }

frames zmq_peer::receive() {
  std::optional<frames> received = receive_for(patience);
  if (!received) throw std::runtime_error("libzmq: nothing received in time");
  return *std::move(received);
}

std::optional<frames> zmq_peer::receive_for(std::chrono::milliseconds timeout) {
  frames received;
  set(ZMQ_RCVTIMEO, static_cast<int>(timeout.count()));
  do {
    if (zmq_msg_recv(&last_, raw_, 0) < 0) {
      check(zmq_errno() == EAGAIN && received.empty(), "receive");
      return std::nullopt;
    }
    received.emplace_back(static_cast<const char*>(zmq_msg_data(&last_)), zmq_msg_size(&last_));
  } while (zmq_msg_more(&last_) != 0);
  return received;
}

std::optional<std::string> zmq_peer::property(const std::string& name) const {
  const char* const value = zmq_msg_gets(&last_, name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace monocoque::test
