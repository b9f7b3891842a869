#pragma once

#include <monocoque/error.hpp>

#include <chrono>
#include <new>
#include <system_error>

namespace monocoque::engine {

/// What happens on a loop has nobody to throw to. A connection for which there is no memory is closed with
/// this reason, or pauses; so do accepting and connecting.
[[nodiscard]] inline error out_of_memory() noexcept {
  return std::make_error_code(std::errc::not_enough_memory);
}

/// After which what there was no memory for is tried again.
inline constexpr std::chrono::milliseconds memory_pause{100};

/// Does `step` or, if there is no memory for it, `otherwise`, which needs none.
template <class Step, class Otherwise>
void with_memory(Step step, Otherwise otherwise) noexcept {
  try {
    step();
  } catch (const std::bad_alloc&) {
    otherwise();
  }
}

}  // namespace monocoque::engine
