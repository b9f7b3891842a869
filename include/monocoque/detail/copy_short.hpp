#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque::detail {

/// Copies a few hundred bytes at most, without a call: that is what is dear about short copies.
inline void copy_short(std::byte* to, const std::byte* from, std::size_t size) noexcept {
  if (size >= 16) {
    for (std::size_t at = 0; at + 16 < size; at += 16) std::memcpy(to + at, from + at, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else {
    for (std::size_t at = 0; at < size; ++at) to[at] = from[at];
  }
}

// What is copied may be there in part only, such as the object of a short payload: the rest means nothing.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

template <std::size_t... Block>
void copy_blocks(std::byte* to, const std::byte* from,
                 std::index_sequence<Block...> /*of 16 bytes*/) noexcept {
  (std::memcpy(to + 16 * Block, from + 16 * Block, 16), ...);
}

/// Copies `Size` bytes, a multiple of eight, by plain moves: what compilers make of one memcpy of that size,
/// or of a loop, depends on how often they think that it is run.
template <std::size_t Size>
void copy_fixed(std::byte* to, const std::byte* from) noexcept {
  static_assert(Size % 8 == 0);
  copy_blocks(to, from, std::make_index_sequence<Size / 16>());
  if constexpr (Size % 16 != 0) std::memcpy(to + Size - 8, from + Size - 8, 8);
}

#pragma GCC diagnostic pop

}  // namespace monocoque::detail

#pragma GCC visibility pop
