#pragma once

#include "tests/socket/support.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

/// ZAP (RFC 27) as the tests speak it, from its text alone.
namespace monocoque::test {

using frames = std::vector<std::string>;
using properties = std::vector<std::pair<std::string, std::string>>;

/// What a handler is asked.
struct zap_question {
  std::string version, request_id, domain, address, identity, mechanism;
  frames credentials;

  explicit zap_question(const frames& asked) {
    if (asked.size() < 6)
      throw std::runtime_error("a ZAP request of " + std::to_string(asked.size()) + " frames");
    std::size_t next = 0;
    for (std::string* const each : {&version, &request_id, &domain, &address, &identity, &mechanism})
      *each = asked[next++];
    credentials.assign(asked.begin() + 6, asked.end());
  }
};

/// Properties as they are in a reply and in handshakes.
inline std::string encoded(const properties& metadata) {
  std::string text;
  for (const auto& [name, value] : metadata) {
    text += static_cast<char>(name.size());
    text += name;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value.size() >> shift & 0xff);
    text += value;
  }
  return text;
}

/// The frames of a reply.
inline frames zap_reply(const zap_question& to, const std::string& status, const std::string& user_id = {},
                        const properties& metadata = {}) {
  return {to.version, to.request_id, status, "so be it", user_id, encoded(metadata)};
}

/// What a handler's author decides; none: no reply, and of a REP handler none from then on.
using zap_decision = std::function<std::optional<frames>(const zap_question&)>;

/// A ZAP handler in a context of ours, written as for libzmq: a REP or a ROUTER socket and a loop, on a
/// thread of its own, or in an inline context a coroutine. From the construction to the destruction;
/// thread-safe.
class zap_service {
 public:
  zap_service(context& owner, socket_type type, zap_decision decide)
      : state_(std::make_shared<state>(owner, type, std::move(decide))) {
    state_->socket().bind(place);
    if (owner.is_inline()) {
      owner.spawn(serve(state_)).detach();
    } else {
      thread_ = std::thread([self = state_] { EXPECT_NO_THROW(serve_here(*self)); });
    }
  }
  ~zap_service() {
    state_->socket().close();
    if (thread_.joinable()) thread_.join();
  }
  zap_service(const zap_service&) = delete;
  zap_service& operator=(const zap_service&) = delete;

  /// Lets another take its place.
  void unbind() { state_->socket().unbind(place); }
  /// All it was asked so far.
  [[nodiscard]] std::vector<zap_question> asked() const {
    const std::lock_guard lock(state_->mutex);
    return state_->asked;
  }

 private:
  static constexpr const char* place = "inproc://zeromq.zap.01";

  struct state {
    state(context& owner, socket_type type, zap_decision decide_it)
        : decide(std::move(decide_it)), is_router(type == socket_type::router) {
      if (is_router) {
        handler.emplace<router>(owner);
      } else {
        handler.emplace<rep>(owner);
      }
    }
    [[nodiscard]] duplex_socket& socket() {
      if (is_router) return std::get<router>(handler);
      return std::get<rep>(handler);
    }
    /// The reply, with the envelope that a ROUTER sees.
    std::optional<message> answer(const message& request) {
      frames got;
      for (std::size_t i = 0; i < request.size(); ++i) got.push_back(request[i].str());
      const auto begin = got.begin() + (is_router ? 2 : 0);
      const zap_question question(frames(begin, got.end()));
      {
        const std::lock_guard lock(mutex);
        asked.push_back(question);
      }
      const std::optional<frames> decided = decide(question);
      if (!decided) return std::nullopt;
      frames reply(got.begin(), begin);
      reply.insert(reply.end(), decided->begin(), decided->end());
      message made(reply.at(0));
      for (std::size_t i = 1; i < reply.size(); ++i) made.push_back(reply[i]);
      return made;
    }

    const zap_decision decide;
    const bool is_router;
    std::variant<std::monostate, rep, router> handler;
    mutable std::mutex mutex;
    std::vector<zap_question> asked;
  };

  static void serve_here(state& self) {
    for (;;) {
      const result<message> request = self.socket().receive(as_result);
      if (!request) return;  // closed
      if (std::optional<message> reply = self.answer(*request)) self.socket().send(*std::move(reply));
    }
  }
  static task<> serve(std::shared_ptr<state> self) {
    for (;;) {
      const result<message> request = co_await self->socket().async_receive(as_result);
      if (!request) co_return;
      std::optional<message> reply = self->answer(*request);
      if (reply) co_await self->socket().async_send(*std::move(reply));
    }
  }

  const std::shared_ptr<state> state_;
  std::thread thread_;
};

}  // namespace monocoque::test
