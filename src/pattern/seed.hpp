#pragma once

#include <cstdint>

namespace monocoque::pattern {

/// `chosen`, or a number nobody can foresee if it is 0. Never 0.
[[nodiscard]] std::uint64_t seed_from(std::uint64_t chosen) noexcept;

/// The next of a sequence of well mixed numbers; `state` is the seed and moves on.
[[nodiscard]] constexpr std::uint64_t next_random(std::uint64_t& state) noexcept {
  state += 0x9e37'79b9'7f4a'7c15;
  std::uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9;
  value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11eb;
  return value ^ (value >> 31);
}

/// Both halves of the 128-bit product, folded: the mixing step of the keyed hashes in this room.
[[nodiscard]] constexpr std::uint64_t multiply_fold(std::uint64_t left, std::uint64_t right) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = static_cast<wide>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace monocoque::pattern
