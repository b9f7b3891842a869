#pragma once

#include <monocoque/event.hpp>
#include <monocoque/stats.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <new>

namespace monocoque::engine {

/// What a pipe has counted. Guarded by the socket's monitor. Traffic is counted by the run that comes in and
/// by the write that goes out, never by the message.
struct pipe_counters {
  std::uint64_t number = 0;  ///< of the peer, among all that the socket has had
  traffic_count sent{};
  traffic_count received{};
  std::uint32_t connections = 0;
  std::uint64_t heartbeats = 0;             ///< that were answered and timed on this connection
  std::chrono::microseconds round_trip{0};  ///< of the last of them

  /// The socket has counted them as well, and alone if there is no memory for it here.
  void drop(drop_reason why, std::uint64_t messages) noexcept {
    if (!dropped_) dropped_.reset(new (std::nothrow) drop_counts);
    if (dropped_) (*dropped_)[why] += messages;
  }
  [[nodiscard]] drop_counts dropped() const noexcept { return dropped_ ? *dropped_ : drop_counts{}; }
  [[nodiscard]] std::uint64_t reconnects() const noexcept { return connections > 1 ? connections - 1 : 0; }

 private:
  std::unique_ptr<drop_counts> dropped_;  // few peers have any
};

/// What a socket has counted, and what it has told of that. Guarded by its monitor.
struct socket_counters {
  traffic_count gone_sent{};  ///< of peers that have gone
  traffic_count gone_received{};
  drop_counts dropped{};
  std::uint64_t fan_drops_reported = 0;
  std::uint64_t fan_memory_drops_reported = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t peers_ever = 0;
  std::array<std::uint64_t, event_kind_count> events{};
  std::uint64_t dropped_at_close = 0;
};

inline traffic_count& operator+=(traffic_count& sum, const traffic_count& more) noexcept {
  sum.messages += more.messages;
  sum.bytes += more.bytes;
  return sum;
}
inline drop_counts& operator+=(drop_counts& sum, const drop_counts& more) noexcept {
  for (std::size_t i = 0; i < drop_reason_count; ++i) sum.by_reason[i] += more.by_reason[i];
  return sum;
}

}  // namespace monocoque::engine
