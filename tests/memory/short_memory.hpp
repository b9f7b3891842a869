#pragma once

#include <cstdint>

namespace monocoque::test {

/// While it lives, allocations of this program fail: the one of number `first`, from 1 on, and so many more
/// that follow it. All of them count, whoever asks on whatever thread, but those inside of shared libraries
/// that take memory from the system by themselves. One at a time.
class short_memory {
 public:
  static constexpr std::int64_t all = INT64_MAX / 2;

  explicit short_memory(std::int64_t first, std::int64_t more = 0) noexcept;
  ~short_memory() { end(); }
  short_memory(const short_memory&) = delete;
  short_memory& operator=(const short_memory&) = delete;

  /// There is memory again.
  static void end() noexcept;
  /// How many allocations were asked for, up to now or to the end.
  [[nodiscard]] static std::int64_t asked_for() noexcept;
};

}  // namespace monocoque::test
