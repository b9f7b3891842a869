#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

/// The canonical form of messages in memory: frames as ZMTP 3 has them on the wire (RFC 37, section
/// "Framing"), a flags octet, a length of 1 or 8 octets in network order, the payload. Outgoing messages are
/// encoded into it once, incoming ones stay in it until the application takes them. The functions that read
/// trust their input: it was made here or has been checked by the ZMTP decoder.
namespace monocoque::base::wire {

inline constexpr std::uint8_t flag_more = 0x01;
inline constexpr std::uint8_t flag_long = 0x02;
inline constexpr std::uint8_t flag_command = 0x04;
inline constexpr std::size_t max_short_payload = 255;
inline constexpr std::size_t max_header_size = 9;

[[nodiscard]] constexpr std::size_t header_size(std::size_t payload_size) noexcept {
  return payload_size <= max_short_payload ? 2 : 9;
}

inline void store_u64(std::byte* out, std::uint64_t value) noexcept {
  value = __builtin_bswap64(value);
  std::memcpy(out, &value, sizeof value);
}
[[nodiscard]] inline std::uint64_t load_u64(const std::byte* in) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return __builtin_bswap64(value);
}

/// Writes the header of a frame to `out` (max_header_size bytes of room); returns its size.
inline std::size_t put_header(std::byte* out, std::size_t payload_size, std::uint8_t flags) noexcept {
  if (payload_size <= max_short_payload) {
    out[0] = std::byte{flags};
    out[1] = static_cast<std::byte>(payload_size);
    return 2;
  }
  out[0] = static_cast<std::byte>(flags | flag_long);
  store_u64(out + 1, payload_size);
  return 9;
}

struct frame {
  std::span<const std::byte> payload;
  bool more = false;
  bool command = false;

  /// flag_more and flag_command as far as it has them.
  [[nodiscard]] std::uint8_t flags() const noexcept {
    return static_cast<std::uint8_t>((more ? flag_more : 0) | (command ? flag_command : 0));
  }
};

/// What the header of a frame says.
struct header {
  std::size_t size = 0;     ///< of the header itself
  std::size_t payload = 0;  ///< bytes that follow it
  std::uint8_t flags = 0;   ///< without flag_long
};
/// Reads the header at `in`, which is whole.
[[nodiscard]] inline header read_header(const std::byte* in) noexcept {
  const auto flags = std::to_integer<std::uint8_t>(in[0]);
  if ((flags & flag_long) == 0) return {2, std::to_integer<std::size_t>(in[1]), flags};
  return {max_header_size, static_cast<std::size_t>(load_u64(in + 1)),
          static_cast<std::uint8_t>(flags & ~flag_long)};
}

/// Takes the first frame off `in`, which holds at least one whole frame.
[[nodiscard]] inline frame next_frame(std::span<const std::byte>& in) noexcept {
  const header read = read_header(in.data());
  assert(in.size() >= read.size + read.payload);
  frame found{in.subspan(read.size, read.payload), (read.flags & flag_more) != 0,
              (read.flags & flag_command) != 0};
  in = in.subspan(read.size + read.payload);
  return found;
}

/// Payload of the first frame of `in`.
[[nodiscard]] inline std::span<const std::byte> first_payload(std::span<const std::byte> in) noexcept {
  return next_frame(in).payload;
}

/// Size in canonical form of the whole message at the front of `in`, which holds at least one whole message.
[[nodiscard]] inline std::size_t message_size(std::span<const std::byte> in) noexcept {
  std::span<const std::byte> rest = in;
  while (next_frame(rest).more) {
  }
  return in.size() - rest.size();
}

}  // namespace monocoque::base::wire
