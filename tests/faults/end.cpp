#include "tests/faults/end.hpp"

#include "tests/interop/convert.hpp"

#include <monocoque/monocoque.hpp>

#include <zmq.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <thread>

namespace monocoque::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_attempts{5};
constexpr milliseconds until_bound{20'000};
constexpr std::int64_t largest_message = 1 << 20;

[[noreturn]] void lacks(const char* what) {
  throw std::logic_error(std::string("this type does not ") + what);
}

template <class Socket>
class our_end final : public end {
 public:
  explicit our_end(const end_options& options)
      : socket_(context_, options_for(std::is_same_v<Socket, req>, options)) {}

  std::string bind(const std::string& endpoint) override {
    socket_.bind(endpoint);
    return socket_.last_endpoint();
  }
  void connect(const std::string& endpoint) override { socket_.connect(endpoint); }

  void subscribe(const std::string& topic) override {
    if constexpr (requires { socket_.subscribe(topic); }) {
      socket_.subscribe(topic);
    } else {
      lacks("subscribe");
    }
  }
  bool send_for(const frames& message, milliseconds timeout) override {
    monocoque::message what = to_message(message);
    if constexpr (requires { socket_.send_for(what, timeout); }) {
      return socket_.send_for(what, timeout);
    } else {
      lacks("send");
    }
  }
  std::optional<frames> receive_for(milliseconds timeout) override {
    if constexpr (requires { socket_.receive_for(timeout); }) {
      const std::optional<message> received = socket_.receive_for(timeout);
      if (!received) return std::nullopt;
      return to_frames(*received);
    } else {
      lacks("receive");
    }
  }

 private:
  static socket_options options_for(bool asks, const end_options& wanted) {
    socket_options options{.linger = milliseconds(0),
                           .reconnect_interval = between_attempts,
                           .connect_timeout = wanted.connect_timeout,
                           .heartbeat_interval = wanted.heartbeat,
                           .req_relaxed = asks,
                           .req_correlate = asks};
    if (wanted.heartbeat_timeout.count() > 0) options.heartbeat_timeout = wanted.heartbeat_timeout;
    return options;
  }

  context context_;
  Socket socket_;
};

void check(bool good, const char* doing) {
  if (!good) throw std::runtime_error(std::string("libzmq: ") + doing + ": " + zmq_strerror(zmq_errno()));
}

class their_end final : public end {
 public:
  their_end(socket_type type, const end_options& options)
      : context_(zmq_ctx_new()), socket_(zmq_socket(context_, static_cast<int>(type))) {
    check(socket_ != nullptr, "socket");
    set(ZMQ_LINGER, 0);
    set(ZMQ_RECONNECT_IVL, static_cast<int>(between_attempts.count()));
    // Without a limit it asks for as much memory as a garbled length says, which the sanitizers do not allow.
    check(zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &largest_message, sizeof largest_message) == 0, "option");
    if (type == socket_type::req) {
      set(ZMQ_REQ_RELAXED, 1);
      set(ZMQ_REQ_CORRELATE, 1);
    }
    set_unless_zero(ZMQ_HEARTBEAT_IVL, options.heartbeat);
    set_unless_zero(ZMQ_HEARTBEAT_TIMEOUT, options.heartbeat_timeout);
    set_unless_zero(ZMQ_CONNECT_TIMEOUT, options.connect_timeout);
  }
  ~their_end() override {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  their_end(const their_end&) = delete;
  their_end& operator=(const their_end&) = delete;

  std::string bind(const std::string& endpoint) override {
    const auto give_up = std::chrono::steady_clock::now() + until_bound;
    while (zmq_bind(socket_, endpoint.c_str()) != 0) {
      check(zmq_errno() == EADDRINUSE && std::chrono::steady_clock::now() < give_up, "bind");
      std::this_thread::yield();
    }
    std::array<char, 300> resolved{};
    std::size_t size = resolved.size();
    check(zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, resolved.data(), &size) == 0, "last endpoint");
    return resolved.data();
  }
  void connect(const std::string& endpoint) override {
    check(zmq_connect(socket_, endpoint.c_str()) == 0, "connect");
  }
  void subscribe(const std::string& topic) override {
    check(zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size()) == 0, "subscribe");
  }
  bool send_for(const frames& message, milliseconds timeout) override {
    set(ZMQ_SNDTIMEO, static_cast<int>(timeout.count()));
    for (std::size_t i = 0; i < message.size(); ++i) {
      const int more = i + 1 < message.size() ? ZMQ_SNDMORE : 0;
      if (zmq_send(socket_, message[i].data(), message[i].size(), more) >= 0) continue;
      check(zmq_errno() == EAGAIN && i == 0, "send");
      return false;
    }
    return true;
  }
  std::optional<frames> receive_for(milliseconds timeout) override {
    set(ZMQ_RCVTIMEO, static_cast<int>(timeout.count()));
    frames received;
    for (int more = 1; more != 0;) {
      zmq_msg_t part;
      zmq_msg_init(&part);
      if (zmq_msg_recv(&part, socket_, 0) < 0) {
        check(zmq_errno() == EAGAIN && received.empty(), "receive");
        return std::nullopt;
      }
      received.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
      more = zmq_msg_more(&part);
      zmq_msg_close(&part);
    }
    return received;
  }

 private:
  void set(int option, int value) {
    check(zmq_setsockopt(socket_, option, &value, sizeof value) == 0, "option");
  }
  void set_unless_zero(int option, milliseconds value) {
    if (value.count() > 0) set(option, static_cast<int>(value.count()));
  }

  void* context_;
  void* socket_;
};

std::unique_ptr<end> make_ours(socket_type type, const end_options& options) {
  switch (type) {
    case socket_type::pair: return std::make_unique<our_end<pair>>(options);
    case socket_type::pub: return std::make_unique<our_end<pub>>(options);
    case socket_type::sub: return std::make_unique<our_end<sub>>(options);
    case socket_type::req: return std::make_unique<our_end<req>>(options);
    case socket_type::rep: return std::make_unique<our_end<rep>>(options);
    case socket_type::dealer: return std::make_unique<our_end<dealer>>(options);
    case socket_type::router: return std::make_unique<our_end<router>>(options);
    case socket_type::pull: return std::make_unique<our_end<pull>>(options);
    case socket_type::push: return std::make_unique<our_end<push>>(options);
    case socket_type::xpub: return std::make_unique<our_end<xpub>>(options);
    case socket_type::xsub: return std::make_unique<our_end<xsub>>(options);
    case socket_type::stream: return std::make_unique<our_end<stream>>(options);
    case socket_type::server: return std::make_unique<our_end<server>>(options);
    case socket_type::client: return std::make_unique<our_end<client>>(options);
    case socket_type::gather: return std::make_unique<our_end<gather>>(options);
    case socket_type::scatter: return std::make_unique<our_end<scatter>>(options);
    case socket_type::peer: return std::make_unique<our_end<peer>>(options);
    case socket_type::channel: return std::make_unique<our_end<channel>>(options);
    default: break;
  }
  throw std::logic_error("no such type");
}

}  // namespace

std::string_view name_of(library which) noexcept {
  return which == library::monocoque ? "monocoque" : "libzmq";
}

std::unique_ptr<end> end::make(library which, socket_type type, end_options options) {
  if (which == library::libzmq) return std::make_unique<their_end>(type, options);
  return make_ours(type, options);
}

}  // namespace monocoque::test
