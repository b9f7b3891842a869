#pragma once

#include <monocoque/message.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace monocoque {

namespace engine {
class event_queue;
}

enum class event_kind : std::uint8_t {
  listening,         ///< bound
  bind_failed,       ///< bind did not work: `reason`
  accepted,          ///< a connection came in
  accept_failed,     ///< the system could not accept (out of descriptors, ...): accepting pauses; `reason`
  connected,         ///< a connection went out
  connect_retried,   ///< an attempt to connect failed (`reason`); the next comes after `delay`
  handshake_done,    ///< messages can flow; `peer` says with whom
  handshake_failed,  ///< the peer was refused or refused us: `reason`
  disconnected,      ///< an established connection is over: `reason`
  closed,            ///< a listening or connecting endpoint was given up
};
[[nodiscard]] std::string_view name_of(event_kind kind) noexcept;

/// Something that happened to a socket's connections.
struct event {
  event_kind kind = event_kind::closed;
  std::string endpoint{};                   ///< the bound or connected endpoint it belongs to
  std::string peer_address{};               ///< where known
  error reason{};                           ///< for failures and disconnections
  std::chrono::milliseconds delay{0};       ///< connect_retried
  std::shared_ptr<const peer_info> peer{};  ///< handshake_done and later
  std::uint64_t missed = 0;  ///< events that were lost just before this one because nobody took them

  /// In words: `handshake failed tcp://127.0.0.1:5555, peer tcp://127.0.0.1:40312: ...`.
  [[nodiscard]] std::string text() const;
};

/// The events of one socket from the moment it was made by `socket::monitor`. Never holds the socket up:
/// keeps the newest 1000 events and counts what it lost. Ends (errc::closed) when the socket is closed and
/// all events are taken. Thread-safe.
class monitor {
 public:
  explicit monitor(std::shared_ptr<engine::event_queue> queue) noexcept : queue_(std::move(queue)) {}
  /// Waits for the next event. Threaded contexts; on an inline one use try_receive. Errors: closed,
  /// cancelled.
  [[nodiscard]] result<event> receive(as_result_tag, std::stop_token stop = {});
  /// Errors also: timed_out.
  [[nodiscard]] result<event> receive_for(as_result_tag, std::chrono::milliseconds timeout,
                                          std::stop_token stop = {});
  [[nodiscard]] event receive(std::stop_token stop = {}) {
    return receive(as_result, std::move(stop)).value();
  }
  /// The next event if there is one.
  [[nodiscard]] std::optional<event> try_receive();

 private:
  std::shared_ptr<engine::event_queue> queue_;
};

}  // namespace monocoque

#pragma GCC visibility pop
