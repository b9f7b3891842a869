#pragma once

#include "crypto/box.hpp"
#include "zmtp/heartbeat.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace monocoque::zmtp {

/// The keys of the cookies in which CURVE servers leave with their clients what they would have to remember
/// between WELCOME and INITIATE (RFC 26, section "Session Establishment"). One for all connections of a
/// listener; thread-safe. A key serves for its lifetime, and for as long again to open what it has sealed;
/// the time is that of the connections that are made. With the last cookie that may come back both keys are
/// forgotten: whoever had them, and a recorded handshake, could read what followed it.
class cookie_keys {
 public:
  explicit cookie_keys(std::chrono::milliseconds lifetime = std::chrono::minutes(1)) noexcept
      : lifetime_(lifetime) {}
  cookie_keys(const cookie_keys&) = delete;
  cookie_keys& operator=(const cookie_keys&) = delete;

  using cookie = std::array<std::byte, curve::cookie::size>;
  using content = std::span<std::byte, curve::cookie::text_size>;

 private:
  friend class given_cookie;

  [[nodiscard]] cookie seal(std::span<const std::byte, curve::cookie::text_size> text, time_point now);
  /// False if it is none of ours, or too old.
  [[nodiscard]] bool open(content into, std::span<const std::byte, curve::cookie::size> sealed);
  /// One that was sealed will not be opened.
  void forget_one() noexcept;

  const std::chrono::milliseconds lifetime_;
  std::mutex mutex_;
  std::size_t given_ = 0;           // cookies that may come back
  std::optional<time_point> made_;  // when `current_` was; none: it was not yet
  crypto::box_key current_;
  crypto::box_key previous_;
};

/// A cookie that may come back, of which only the number is kept, so that none serves twice. Owned by the
/// connection that has given it.
class given_cookie {
 public:
  given_cookie(std::shared_ptr<cookie_keys> keys, std::span<const std::byte, curve::cookie::text_size> text,
               time_point now, cookie_keys::cookie& sealed);
  ~given_cookie() { keys_->forget_one(); }
  given_cookie(const given_cookie&) = delete;
  given_cookie& operator=(const given_cookie&) = delete;

  /// False if `sealed` is not that cookie, or too old.
  [[nodiscard]] bool open(cookie_keys::content into, std::span<const std::byte, curve::cookie::size> sealed);

 private:
  const std::shared_ptr<cookie_keys> keys_;
  std::array<std::byte, curve::random_size> number_{};
};

}  // namespace monocoque::zmtp
