#pragma once

#include <monocoque/message.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tool::demo {

/// What a message of the demonstration says of itself. demo_peer.py writes and reads the same bytes:
/// stream, sequence, kind and number of body bytes as 32-bit little-endian numbers, and the CRC-32 of these
/// 16 bytes, of the body, and of each other frame, its 32-bit length in front; then the body, in the same
/// frame or in further ones.
struct label {
  std::uint32_t stream = 0;    ///< who sends it, and on which topic
  std::uint32_t sequence = 0;  ///< counts up from 0 in each stream
  std::uint32_t kind = 0;
};
inline constexpr std::uint32_t data_kind = 0;
inline constexpr std::uint32_t mark_kind = 1;  ///< for synchronisation; not counted

/// A message with pseudo-random content whose shape depends on the sequence number: one frame or several,
/// frames of 0, 255, 256 and 65,536 bytes among them. `prefix`: a frame in front of it, covered by the
/// checksum.
[[nodiscard]] monocoque::message make_message(const label& what, std::optional<std::string_view> prefix = {});

/// Reads a message whose label is in frame `at`; none if any byte of it is not as it was made.
[[nodiscard]] std::optional<label> check_message(const monocoque::message& message, std::size_t at = 0);

/// `message` with one bit of its last frame that has any changed.
[[nodiscard]] monocoque::message altered(const monocoque::message& message);

/// CRC-32 as in zlib and PNG, continued from `crc`.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> data, std::uint32_t crc = 0) noexcept;

}  // namespace tool::demo
