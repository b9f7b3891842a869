#pragma once

#include "measure/traffic.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

/// What one end of a connection with CURVE encrypts and decrypts messages with (RFC 26), by libsodium's
/// crypto_box_easy_afternm and nothing else. The body of an encrypted frame: "MESSAGE" with its size, a
/// number of 8 bytes, and a box of a byte of flags and the payload.
class message_box {
 public:
  static constexpr std::size_t overhead = 8 + 8 + 16 + 1;  ///< the body's bytes beyond the payload's

  /// Of payloads up to `largest` bytes. Throws without libsodium.
  message_box(const curve_ends& keys, bool is_server, std::size_t largest);

  /// Where the payload is made that `seal` encrypts, and where `open` leaves one.
  [[nodiscard]] std::byte* payload() { return text_.data() + 1; }
  /// Encrypts so many bytes of the payload, writes the body and returns where it ends.
  std::byte* seal(std::byte* to, std::size_t size, bool more);

  struct opened {
    std::span<const std::byte> payload;  ///< until the next call
    bool more;
  };
  /// Throws std::runtime_error if the body is not what the other end sealed.
  [[nodiscard]] opened open(std::span<const std::byte> body);

 private:
  using nonce = std::array<unsigned char, 24>;

  std::array<unsigned char, 32> shared_key_{};
  nonce sent_{};      ///< of the last message sealed
  nonce received_{};  ///< of the last message opened
  std::uint64_t number_ = 0;
  std::vector<std::byte> text_;
};

}  // namespace bench
