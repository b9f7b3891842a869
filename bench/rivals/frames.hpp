#pragma once

#include "measure/payload.hpp"
#include "rivals/message_box.hpp"
#include "rivals/plain_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace bench {

// ZMTP 3 frames over plain sockets: a byte of flags, a size of one byte or eight, the payload (RFC 37).

inline constexpr std::byte more_flag{0x01};
inline constexpr std::byte long_flag{0x02};
inline constexpr std::byte command_flag{0x04};
inline constexpr std::size_t longest_header = 9;

/// Writes a frame's header and returns where its payload begins.
std::byte* write_header(std::byte* to, std::size_t size, bool more);

/// The bytes of a frame beyond its header.
inline std::size_t body_size(const traffic& what, std::size_t payload) {
  return what.curve ? payload + message_box::overhead : payload;
}
/// What the end of a duty with CURVE encrypts and decrypts with.
inline message_box box_of(const duty& mine) { return {*mine.what.curve, mine.binds, mine.what.size}; }

/// Encodes messages into a large buffer and sends it, to each of its sockets, when the next one has no room.
class frame_writer {
 public:
  frame_writer(std::span<const plain_socket> to, const duty& mine);
  void put(std::uint64_t word);
  void flush();

 private:
  std::span<const plain_socket> to_;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;
  const frame_sizes sizes_;
  std::optional<message_box> box_;
  std::size_t largest_;  ///< message, with its headers
};

/// Reads much at once and walks the frames in the buffer, each whole.
class frame_reader {
 public:
  explicit frame_reader(std::size_t largest_frame);

  /// Receives once; then `on_frame(payload, more)` for each frame that is whole.
  template <class OnFrame>
  void read(const plain_socket& from, OnFrame on_frame) {
    fill_ += from.receive(std::span(buffer_).subspan(fill_));
    std::size_t offset = 0;
    while (fill_ - offset >= 2) {
      const std::byte* const at = buffer_.data() + offset;
      const bool is_long = (at[0] & long_flag) != std::byte{0};
      const std::size_t header = is_long ? longest_header : 2;
      if (fill_ - offset < header) break;
      const std::uint64_t size = is_long ? long_size(at + 1) : static_cast<std::uint64_t>(at[1]);
      if (fill_ - offset - header < size) break;
      on_frame(std::span(at + header, size), (at[0] & more_flag) != std::byte{0});
      offset += header + size;
    }
    std::memmove(buffer_.data(), buffer_.data() + offset, fill_ - offset);
    fill_ -= offset;
  }

 private:
  [[nodiscard]] static std::uint64_t long_size(const std::byte* at) {
    std::uint64_t size = 0;
    std::memcpy(&size, at, sizeof size);
    return __builtin_bswap64(size);
  }

  std::vector<std::byte> buffer_;
  std::size_t fill_ = 0;
};

}  // namespace bench
