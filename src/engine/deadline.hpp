#pragma once

#include <chrono>

namespace monocoque::engine {

/// `timeout` from now on the steady clock; time_point::max() for `infinite` and whatever else is beyond the
/// clock's end.
[[nodiscard]] inline std::chrono::steady_clock::time_point deadline_after(std::chrono::milliseconds timeout) {
  using time_point = std::chrono::steady_clock::time_point;
  if (timeout == std::chrono::milliseconds::max()) return time_point::max();  // no look at the clock
  const time_point now = std::chrono::steady_clock::now();
  if (timeout >= std::chrono::duration_cast<std::chrono::milliseconds>(time_point::max() - now)) {
    return time_point::max();
  }
  return now + timeout;
}

}  // namespace monocoque::engine
