#pragma once

#include <monocoque/stats.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

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

  void drop(drop_reason why, std::uint64_t messages) {
    if (!dropped_) dropped_ = std::make_unique<drop_counts>();
    (*dropped_)[why] += messages;
  }
  [[nodiscard]] drop_counts dropped() const noexcept { return dropped_ ? *dropped_ : drop_counts{}; }
  [[nodiscard]] std::uint64_t reconnects() const noexcept { return connections > 1 ? connections - 1 : 0; }

 private:
  std::unique_ptr<drop_counts> dropped_;  // few peers have any
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
