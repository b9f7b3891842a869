#pragma once

#include "crypto/box.hpp"
#include "crypto/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::crypto {

/// Boxes whose nonces are a prefix that stays and a number: the messages of one direction of a connection.
/// The boxes are those that box_key makes; what of them depends on the prefix alone, the subkey of XSalsa20,
/// is computed once, and they are opened where they lie and made where they go out from.
class message_cipher {
 public:
  static constexpr std::size_t prefix_size = 16;
  /// In front of a text there must be so much memory, which is overwritten.
  static constexpr std::size_t scratch_size = 32;

  message_cipher(const box_key& key, std::span<const std::byte, prefix_size> prefix) noexcept;

  /// Writes the text that is `first` and `rest`, encrypted, and its tag. `rest` may not lie where the text
  /// goes.
  void seal(std::byte* text, std::byte first, std::span<const std::byte> rest, std::uint64_t number,
            std::byte* tag) const noexcept;
  /// Decrypts `size` bytes at `text` to `into`, which may be anywhere: in front of `text`, behind its begin
  /// or the same. The tag may not be in the scratch memory. False, with `into` as it was, if it is not what
  /// `seal` made with that number.
  [[nodiscard]] bool open(std::byte* into, std::byte* text, std::size_t size, std::uint64_t number,
                          const std::byte* tag) const noexcept;

 private:
  secret<32> subkey_;
};

}  // namespace monocoque::crypto
