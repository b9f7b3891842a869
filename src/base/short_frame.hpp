#pragma once

#include "base/wire.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/detail/copy_short.hpp>
#include <monocoque/frame_view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace monocoque::base {

/// A frame of up to wire::max_short_payload bytes may touch so much room, whatever its size: copies of fixed
/// size are the faster ones.
inline constexpr std::size_t short_frame_room = 2 + std::max(wire::max_short_payload, sizeof(bytes));

/// Encodes such a frame at `out`; answers where it ends.
inline std::byte* put_short_frame(std::byte* out, const bytes& frame, std::uint8_t flags) noexcept {
  const std::size_t size = frame.size();
  if (frame.is_inline()) {
    detail::copy_fixed<sizeof(bytes)>(out + 2, reinterpret_cast<const std::byte*>(&frame));
  } else {
    detail::copy_short(out + 2, frame.data(), size);
  }
  out[0] = std::byte{flags};
  out[1] = static_cast<std::byte>(size);
  return out + 2 + size;
}

inline std::byte* put_short_frame(std::byte* out, const frame_view& frame, std::uint8_t flags) noexcept {
  detail::copy_short(out + 2, frame.data(), frame.size());
  out[0] = std::byte{flags};
  out[1] = static_cast<std::byte>(frame.size());
  return out + 2 + frame.size();
}

}  // namespace monocoque::base
