#pragma once

#include <monocoque/result.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace monocoque {

/// True if this library was built with CURVE (libsodium). Without it keys cannot be made and sockets with
/// CURVE are refused (errc::not_supported).
[[nodiscard]] bool has_curve() noexcept;

/// The public half of a Curve25519 key pair (RFC 26): 32 bytes, shown as 40 characters of Z85. A value type.
class curve_public_key {
 public:
  static constexpr std::size_t size = 32;      ///< bytes
  static constexpr std::size_t z85_size = 40;  ///< characters

  curve_public_key() noexcept = default;  ///< none: 32 zeros, which are no key
  explicit curve_public_key(std::span<const std::byte, size> data) noexcept;

  /// Of 40 characters of Z85. Throws monocoque::exception, errc::invalid_argument.
  [[nodiscard]] static curve_public_key from_z85(std::string_view text);
  [[nodiscard]] static result<curve_public_key> from_z85(as_result_tag, std::string_view text);
  [[nodiscard]] std::string z85() const;

  [[nodiscard]] std::span<const std::byte, size> data() const noexcept { return data_; }
  [[nodiscard]] bool empty() const noexcept { return *this == curve_public_key(); }
  friend bool operator==(const curve_public_key&, const curve_public_key&) noexcept = default;

 private:
  std::array<std::byte, size> data_{};
};

/// The secret half. Every object wipes its memory when it is destroyed or assigned to; what `z85` answers is
/// the caller's to wipe. Compared in a time that does not depend on the content.
class curve_secret_key {
 public:
  static constexpr std::size_t size = 32;      ///< bytes
  static constexpr std::size_t z85_size = 40;  ///< characters

  curve_secret_key() noexcept = default;  ///< none
  explicit curve_secret_key(std::span<const std::byte, size> data) noexcept;
  curve_secret_key(const curve_secret_key&) noexcept = default;
  curve_secret_key& operator=(const curve_secret_key&) noexcept = default;
  ~curve_secret_key();

  /// Of 40 characters of Z85. Throws monocoque::exception, errc::invalid_argument; what it says does not
  /// contain the text.
  [[nodiscard]] static curve_secret_key from_z85(std::string_view text);
  [[nodiscard]] static result<curve_secret_key> from_z85(as_result_tag, std::string_view text);
  [[nodiscard]] std::string z85() const;
  /// The public key that belongs to it. Throws monocoque::exception, errc::not_supported without CURVE.
  [[nodiscard]] curve_public_key public_key() const;

  [[nodiscard]] std::span<const std::byte, size> data() const noexcept { return data_; }
  [[nodiscard]] bool empty() const noexcept { return *this == curve_secret_key(); }
  friend bool operator==(const curve_secret_key& left, const curve_secret_key& right) noexcept;

 private:
  std::array<std::byte, size> data_{};
};

/// Both halves.
struct curve_keypair {
  curve_public_key public_key;
  curve_secret_key secret_key;

  /// A new one, from the system's random numbers. Throws monocoque::exception, errc::not_supported without
  /// CURVE.
  [[nodiscard]] static curve_keypair generate();
  /// The one that `secret` is of. Throws as `generate`.
  [[nodiscard]] static curve_keypair of(const curve_secret_key& secret) {
    return {secret.public_key(), secret};
  }
  friend bool operator==(const curve_keypair&, const curve_keypair&) noexcept = default;
};

}  // namespace monocoque

#pragma GCC visibility pop
