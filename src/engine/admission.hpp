#pragma once

#include <monocoque/options.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace monocoque::engine {

/// Why a socket accepts no connections for the time being; a bit each.
enum pause_reason : std::uint8_t { by_application = 1, for_handshakes = 2 };

/// Counts the connections that came in to a socket, against its limits. Pure; guarded by the socket's
/// monitor. Holds an entry for each address only if those are limited, and if their rate is for two seconds
/// more.
class admission {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit admission(const socket_options& limits) noexcept { change_limits(limits); }

  /// Those who are there stay. If no limit was one of an address before, they are not counted among those of
  /// theirs.
  void change_limits(const socket_options& limits) noexcept;

  /// One more, from that peer ("tcp://10.0.0.1:4711"), which begins to shake hands; or limit_reached.
  [[nodiscard]] result<void> enter(std::string_view peer_address, time_point now);
  /// Its handshake is over, well or not. True if there is room for another handshake that there was not.
  [[nodiscard]] bool handshake_over(std::string_view peer_address) noexcept;
  void leave(std::string_view peer_address) noexcept;

  /// No other connection may begin to shake hands now.
  [[nodiscard]] bool handshakes_exhausted() const noexcept {
    return most_handshakes_ != 0 && handshakes_ >= most_handshakes_;
  }
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }
  [[nodiscard]] std::size_t addresses() const noexcept { return by_address_.size(); }

 private:
  struct hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view address) const noexcept {
      return std::hash<std::string_view>()(address);
    }
  };
  struct counts {
    std::size_t connections = 0;
    std::size_t handshakes = 0;
    time_point
        paid_until{};  // when all handshakes that have begun would have, one after the other at the rate
  };

  static constexpr std::size_t fewest_swept = 64;

  [[nodiscard]] result<void> enter_address(counts& its, time_point now) const;
  void sweep(time_point now);

  // 0: no limit.
  std::size_t most_ = 0, most_per_address_ = 0, most_handshakes_ = 0, most_handshakes_per_address_ = 0;
  std::size_t rate_ = 0;
  std::chrono::nanoseconds pause_{};  // between two handshakes of one address at the rate
  bool by_each_address_ = false;      // once that was so it stays: who is counted must be counted out
  std::size_t connections_ = 0;
  std::size_t handshakes_ = 0;
  std::unordered_map<std::string, counts, hash, std::equal_to<>> by_address_;
  std::size_t sweep_at_ = fewest_swept;  // entries
};

}  // namespace monocoque::engine
