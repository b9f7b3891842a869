#pragma once

#include <monocoque/detail/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace monocoque::io {

using detail::time_point;
using detail::timer;

/// The timers of a loop: a 4-ary heap by time, and by order of starting among equal times. One thread; does
/// not own the timers; holds as many as are armed.
class timer_heap {
 public:
  /// Arms `alarm`, or moves it if it is armed. Throws std::bad_alloc.
  void start(timer& alarm, time_point when);
  void stop(timer& alarm) noexcept;

  /// When the first one is due; time_point::max() if there is none.
  [[nodiscard]] time_point next() const noexcept {
    return entries_.empty() ? time_point::max() : entries_.front().when;
  }
  /// Fires what is due at `now`, but nothing that is started meanwhile, so this ends even if alarms restart
  /// themselves in the past. `fire` may start, stop and destroy any timer. Returns how many fired.
  std::size_t fire_due(time_point now) noexcept;

 private:
  struct entry {
    time_point when;
    std::uint64_t turn;  // order of starting
    timer* alarm;
  };
  [[nodiscard]] static bool before(const entry& left, const entry& right) noexcept {
    return left.when != right.when ? left.when < right.when : left.turn < right.turn;
  }
  void put(std::size_t place, const entry& value) noexcept;
  void sift_up(std::size_t place, const entry& value) noexcept;
  void sift_down(std::size_t place, const entry& value) noexcept;
  void remove(std::size_t place) noexcept;

  std::vector<entry> entries_;
  std::uint64_t turns_ = 0;
};

}  // namespace monocoque::io
