#pragma once

#include "crypto/box.hpp"
#include "zmtp/heartbeat.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>

namespace monocoque::zmtp {

/// The keys of the cookies in which CURVE servers leave with their clients what they would have to remember
/// between WELCOME and INITIATE (RFC 26, section "Session Establishment"). One for all connections of a
/// listener; thread-safe. A key serves for its lifetime, and for as long again to open what it has sealed;
/// the time is that of the connections that are made.
class cookie_keys {
 public:
  explicit cookie_keys(std::chrono::milliseconds lifetime = std::chrono::minutes(1)) noexcept
      : lifetime_(lifetime) {}
  cookie_keys(const cookie_keys&) = delete;
  cookie_keys& operator=(const cookie_keys&) = delete;

  using cookie = std::array<std::byte, curve::cookie::size>;
  using content = std::span<std::byte, curve::cookie::text_size>;

  [[nodiscard]] cookie seal(std::span<const std::byte, curve::cookie::text_size> text, time_point now);
  /// False if it is none of ours, or too old.
  [[nodiscard]] bool open(content into, std::span<const std::byte, curve::cookie::size> sealed);

 private:
  const std::chrono::milliseconds lifetime_;
  std::mutex mutex_;
  std::optional<time_point> made_;  // when `current_` was; none: it was not yet
  crypto::box_key current_;
  crypto::box_key previous_;
};

}  // namespace monocoque::zmtp
