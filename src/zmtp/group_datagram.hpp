#pragma once

#include "zmtp/octets.hpp"

#include <cstddef>
#include <optional>

/// What a RADIO sends to a DISH over UDP: no greeting and no frames, a message a datagram, of one octet for
/// the length of the group's name, the name, and the payload up to the end. No RFC has it; it is libzmq's
/// form (udp_engine_t).
namespace monocoque::zmtp {

/// The longest datagram, in octets, as libzmq has it (MAX_UDP_MSG).
inline constexpr std::size_t max_datagram = 8192;

/// Points into the datagram.
struct group_datagram {
  octets group;
  octets payload;
};

/// None if the name of the group is longer than the datagram.
[[nodiscard]] inline std::optional<group_datagram> parse_group_datagram(octets datagram) noexcept {
  if (datagram.empty()) return std::nullopt;
  const std::size_t size = value_of(datagram.front());
  const octets rest = datagram.subspan(1);
  if (size > rest.size()) return std::nullopt;
  return group_datagram{rest.first(size), rest.subspan(size)};
}

}  // namespace monocoque::zmtp
