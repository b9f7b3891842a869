#pragma once

#include <cstddef>

/// Messages of RADIO and DISH (RFC 48): the name of a group, and a payload.
namespace monocoque::pattern {

inline constexpr std::size_t frames_with_group = 2;

/// The longest name of a group, in octets (RFC 48, "Group"; ZMQ_GROUP_MAX_LENGTH).
inline constexpr std::size_t max_group_size = 255;

}  // namespace monocoque::pattern
