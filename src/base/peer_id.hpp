#pragma once

#include <compare>
#include <cstdint>

namespace monocoque::base {

/// Names one peer of one socket: a place in the socket's table and the generation of its tenant. An id of a
/// peer that has gone never equals that of the next tenant, so late events about it are stale by
/// construction.
struct peer_id {
  static constexpr std::uint32_t no_slot = 0xffff'ffff;

  std::uint32_t slot = no_slot;
  std::uint32_t epoch = 0;

  [[nodiscard]] constexpr bool valid() const noexcept { return slot != no_slot; }
  friend constexpr auto operator<=>(const peer_id&, const peer_id&) noexcept = default;
};

}  // namespace monocoque::base
