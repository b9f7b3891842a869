#pragma once

#include <cstddef>

/// Bytes as libsodium wants them.
namespace monocoque::crypto {

[[nodiscard]] inline unsigned char* raw(std::byte* data) noexcept {
  return reinterpret_cast<unsigned char*>(data);
}
[[nodiscard]] inline const unsigned char* raw(const std::byte* data) noexcept {
  return reinterpret_cast<const unsigned char*>(data);
}

}  // namespace monocoque::crypto
