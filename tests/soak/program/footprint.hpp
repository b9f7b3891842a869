#pragma once

#include <cstddef>

namespace monocoque::test {

/// What this process holds.
struct footprint {
  /// By how much the heap may differ between two moments at which nothing is going on: caches of threads and
  /// of the allocator that happen to be fuller.
  static constexpr std::size_t allowance = 8UL * 1024 * 1024;

  std::size_t heap_bytes = 0;  ///< in use, not what the allocator or base::block_cache keeps
  std::size_t descriptors = 0;
  std::size_t threads = 0;

  [[nodiscard]] static footprint now();
};

}  // namespace monocoque::test
