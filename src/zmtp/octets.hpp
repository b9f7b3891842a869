#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Small helpers to write octets to a vector and to show octets of a peer to people.
namespace monocoque::zmtp {

using octets = std::span<const std::byte>;

[[nodiscard]] inline octets as_octets(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(octets data) noexcept {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}
[[nodiscard]] inline std::uint8_t value_of(std::byte octet) noexcept {
  return std::to_integer<std::uint8_t>(octet);
}

inline void append(std::vector<std::byte>& out, octets data) {
  if (data.empty()) return;
  const std::size_t old_size = out.size();
  out.resize(old_size + data.size());
  std::memcpy(out.data() + old_size, data.data(), data.size());
}
inline void append(std::vector<std::byte>& out, std::string_view text) { append(out, as_octets(text)); }
inline void append_octet(std::vector<std::byte>& out, std::size_t value) {
  out.push_back(static_cast<std::byte>(value));
}

/// Text from a peer as it may stand in an error's detail: at most 255 characters, all of them printable.
[[nodiscard]] std::string printable(std::string_view text);
/// "0x7f"
[[nodiscard]] std::string hex(std::uint8_t octet);

}  // namespace monocoque::zmtp
