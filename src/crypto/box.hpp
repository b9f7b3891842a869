#pragma once

#include "crypto/secret.hpp"

#include <monocoque/curve_keys.hpp>
#include <monocoque/result.hpp>

#include <array>
#include <cstddef>
#include <span>

/// The boxes of CurveCP and RFC 26: X25519, XSalsa20 and Poly1305, all of it libsodium's. This room is the
/// only one that knows that library; built without it, nothing is available.
namespace monocoque::crypto {

inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t nonce_size = 24;
using nonce = std::array<std::byte, nonce_size>;

/// False without libsodium, or if it finds no random numbers. Thread-safe.
[[nodiscard]] bool is_available() noexcept;
/// Unforeseeable bytes, of the system's.
void fill_random(std::span<std::byte> data) noexcept;

[[nodiscard]] result<curve_keypair> generate_keypair();
[[nodiscard]] result<curve_public_key> public_key_of(const curve_secret_key& key);

/// What two owners of key pairs have in common and nobody else can know: a key for boxes, in which the text
/// is followed by nothing and preceded by a tag of 16 bytes. Wiped when it is gone.
class box_key {
 public:
  box_key() noexcept = default;
  /// False if `theirs` is a key that nobody can own (one of small order).
  [[nodiscard]] bool agree(const curve_public_key& theirs, const curve_secret_key& own) noexcept;
  /// A key that nobody else has.
  void randomize() noexcept { fill_random(key_.span()); }
  void wipe() noexcept { key_.wipe(); }

  /// `box` has tag_size bytes more than `text`, and may not overlap it.
  void seal(std::span<std::byte> box, std::span<const std::byte> text, const nonce& number) const noexcept;
  /// False, with `text` as it was or zeros, if it is not what `seal` made. May not overlap either.
  [[nodiscard]] bool open(std::span<std::byte> text, std::span<const std::byte> box,
                          const nonce& number) const noexcept;

  [[nodiscard]] const secret<32>& bytes() const noexcept { return key_; }

 private:
  secret<32> key_;
};

}  // namespace monocoque::crypto
