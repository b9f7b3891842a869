#pragma once

#include <chrono>

namespace monocoque::engine {

/// `timeout` from `now` on; time_point::max() for `infinite` and whatever else is beyond the clock's end.
[[nodiscard]] inline std::chrono::steady_clock::time_point deadline_after(
    std::chrono::milliseconds timeout, std::chrono::steady_clock::time_point now) {
  using time_point = std::chrono::steady_clock::time_point;
  if (timeout >= std::chrono::duration_cast<std::chrono::milliseconds>(time_point::max() - now)) {
    return time_point::max();
  }
  return now + timeout;
}

/// The same from now on, without a look at the clock for `infinite`.
[[nodiscard]] inline std::chrono::steady_clock::time_point deadline_after(std::chrono::milliseconds timeout) {
  if (timeout == std::chrono::milliseconds::max()) return std::chrono::steady_clock::time_point::max();
  return deadline_after(timeout, std::chrono::steady_clock::now());
}

}  // namespace monocoque::engine
