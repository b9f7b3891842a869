#pragma once

#include "base/wire.hpp"
#include "crypto/message_cipher.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Frames of CURVE traffic (RFC 26, section "MESSAGE Command"): the name of the command, a number, the tag of
/// the box, and in the box the flags of the frame and its payload. Sent as libzmq does, as message frames
/// without flags; what other implementations may send as command frames is taken as well.
namespace monocoque::zmtp::curve_frame {

inline constexpr std::string_view name{"\7MESSAGE", 8};
inline constexpr std::size_t number_at = name.size();
inline constexpr std::size_t tag_at = number_at + sizeof(std::uint64_t);
inline constexpr std::size_t text_at = tag_at + crypto::tag_size;
/// What a frame's body has beside the payload.
inline constexpr std::size_t overhead = text_at + 1;
static_assert(text_at >= crypto::message_cipher::scratch_size);

/// In the box.
inline constexpr std::uint8_t flag_more = 0x01;
inline constexpr std::uint8_t flag_command = 0x02;

}  // namespace monocoque::zmtp::curve_frame
