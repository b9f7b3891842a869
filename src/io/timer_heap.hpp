#pragma once

#include <monocoque/detail/scheduler.hpp>

#include <cstddef>
#include <cstdint>

namespace monocoque::io {

using detail::time_point;
using detail::timer;

/// The timers of a loop, by time, and by order of starting among equal times: a pairing heap that is made of
/// the timers themselves, so that to start one cannot fail. One thread; does not own the timers.
class timer_heap {
 public:
  /// Arms `alarm`, or moves it if it is armed.
  void start(timer& alarm, time_point when) noexcept;
  void stop(timer& alarm) noexcept;

  /// When the first one is due; time_point::max() if there is none.
  [[nodiscard]] time_point next() const noexcept {
    return first_ == nullptr ? time_point::max() : first_->when;
  }
  /// Fires what is due at `now`, but nothing that is started meanwhile, so this ends even if alarms restart
  /// themselves in the past. `fire` may start, stop and destroy any timer. Returns how many fired.
  std::size_t fire_due(time_point now) noexcept;

 private:
  // A timer's `below` is the first of those it stands above, all later than itself, and `next` the next of
  // its own row; `above` is who stands before it there or, of the first of a row, above it. The first timer
  // of all has itself above it.
  timer* first_ = nullptr;
  std::uint64_t turns_ = 0;
};

}  // namespace monocoque::io
