#pragma once

#include <monocoque/options.hpp>
#include <monocoque/result.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace monocoque::engine {

/// Counts the connections that came in to a socket, against its limits. Pure; guarded by the socket's
/// monitor. Holds an entry for each address only if those are limited.
class admission {
 public:
  explicit admission(const socket_options& limits) noexcept
      : most_(limits.max_connections),
        most_per_address_(limits.max_connections_per_address),
        most_handshakes_(limits.max_handshakes) {}

  /// One more, from that peer ("tcp://10.0.0.1:4711"), which begins to shake hands; or limit_reached.
  [[nodiscard]] result<void> enter(std::string_view peer_address);
  /// Its handshake is over, well or not. True if there is room for another handshake that there was not.
  [[nodiscard]] bool handshake_over() noexcept;
  void leave(std::string_view peer_address) noexcept;

  /// No other connection may begin to shake hands now.
  [[nodiscard]] bool handshakes_exhausted() const noexcept {
    return most_handshakes_ != 0 && handshakes_ >= most_handshakes_;
  }
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

 private:
  struct hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view address) const noexcept {
      return std::hash<std::string_view>()(address);
    }
  };

  const std::size_t most_, most_per_address_, most_handshakes_;  // 0: no limit
  std::size_t connections_ = 0;
  std::size_t handshakes_ = 0;
  std::unordered_map<std::string, std::size_t, hash, std::equal_to<>> by_address_;
};

}  // namespace monocoque::engine
