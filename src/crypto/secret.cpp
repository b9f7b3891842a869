#include "crypto/secret.hpp"

#include <cstdint>
#include <string.h>  // NOLINT: explicit_bzero is here

namespace monocoque::crypto {

void wipe(void* data, std::size_t size) noexcept {
  if (size != 0) ::explicit_bzero(data, size);
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());
  wipe(text.data(), text.size());
  text.clear();
}

void wipe(std::vector<std::byte>& data) noexcept {
  data.resize(data.capacity());
  wipe(data.data(), data.size());
  data.clear();
}

bool same(std::span<const std::byte> one, std::span<const std::byte> other) noexcept {
  if (one.size() != other.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    difference |= static_cast<std::uint8_t>(one[i] ^ other[i]);
    asm volatile("" : "+r"(difference));  // or a compiler might leave when it is all ones
  }
  return difference == 0;
}

}  // namespace monocoque::crypto
