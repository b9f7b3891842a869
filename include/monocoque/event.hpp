#pragma once

#include <monocoque/drop_reason.hpp>
#include <monocoque/error.hpp>
#include <monocoque/message.hpp>
#include <monocoque/socket_type.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace monocoque {

enum class zap_flaw : std::uint8_t;  // authentication.hpp

enum class event_kind : std::uint8_t {
  listening,           ///< bound
  bind_failed,         ///< bind did not work: `reason`
  accepted,            ///< a connection came in
  accept_failed,       ///< there is no descriptor, or no memory, to accept with: `reason`; tried again
  accept_resumed,      ///< after accept_failed: connections are accepted again
  refused,             ///< a connection was closed as soon as it came in: `reason`, a limit or a filter
  connect_delayed,     ///< an attempt to connect to `peer_address` is under way and was not over at once
  connected,           ///< a connection went out
  connect_retried,     ///< an attempt to connect failed (`reason`); the next comes after `delay`
  handshake_done,      ///< messages can flow; `peer` says with whom
  handshake_failed,    ///< the peer was refused or refused us: `reason`; `peer`, if it said who it is
  disconnected,        ///< an established connection is over: `reason`, and `peer` says whose
  heartbeat_missed,    ///< a peer gave no sign of life for too long; its connection is closed: `reason`
  high_water_reached,  ///< the queue to (`sending`) or from a peer is full; see `count`
  high_water_left,     ///< there is room again: half of it, or 1 MB or more
  dropped,             ///< `count` messages were dropped, for `why`
  closed,              ///< an endpoint was given up; `reason`, if that was not asked for
};
inline constexpr std::size_t event_kind_count = static_cast<std::size_t>(event_kind::closed) + 1;

/// In words, such as "handshake done".
[[nodiscard]] std::string_view name_of(event_kind kind) noexcept;

/// Something that happened to a socket or one of its connections.
struct event {
  event_kind kind = event_kind::closed;
  std::string endpoint{};                   ///< the bound or connected endpoint it belongs to
  std::string peer_address{};               ///< where known
  error reason{};                           ///< for failures and disconnections
  std::chrono::milliseconds delay{0};       ///< connect_retried, accept_failed
  std::shared_ptr<const peer_info> peer{};  ///< who it is, where known: handshake_done and later
  std::uint64_t missed = 0;  ///< events that were lost just before this one: nobody took them, or no memory

  socket_type socket = socket_type::pair;        ///< of the socket it happened to
  std::chrono::steady_clock::time_point when{};  ///< it happened; the last time, if it was several
  /// dropped: messages. high_water_reached and _left: how often it happened. These three come often, so those
  /// of one peer that nobody has taken yet are added up in one event.
  std::uint64_t count = 1;
  drop_reason why = drop_reason::full;  ///< dropped
  bool sending = true;  ///< high_water_reached, _left: the queue to the peer, not that from it
  /// handshake_done and _failed: from the connection to the peer's whole greeting (0: it did not come), and
  /// to the end of the handshake. Neither is finer than a turn of the event loop.
  std::chrono::microseconds greeting_time{0};
  std::chrono::microseconds handshake_time{0};
  /// Of the connection or the listening socket; -1: there is none. A number to tell connections apart by and
  /// no more: the descriptor is the library's own, and may be closed, and its number another's, by now.
  int descriptor = -1;
  /// accepted, connected, and what becomes of those: our own end of the connection, "tcp://10.0.0.2:40312".
  /// Empty over inproc, and of ipc where it has no name.
  std::string local_address{};
  bool outgoing = false;  ///< `endpoint` is one that the socket connects to, not one that it has bound
  /// handshake_failed: the status of ZAP (RFC 27) with which the peer was refused, or has refused us: 300,
  /// 400 or 500. 0: it did not fail for that.
  std::uint16_t status = 0;
  /// handshake_failed: the peer's command that it failed at, such as "HELLO"; empty: it was no command, or
  /// one without a name. What a peer chose itself is without control characters.
  std::string command{};
  zap_flaw flaw{};  ///< with a `status` of ours: what was wrong with the ZAP handler or its answer

  /// In words: `handshake failed tcp://127.0.0.1:5555, peer tcp://127.0.0.1:40312: ...`. What a peer chose
  /// itself is shown without control characters.
  [[nodiscard]] std::string text() const;
};

}  // namespace monocoque

#pragma GCC visibility pop
