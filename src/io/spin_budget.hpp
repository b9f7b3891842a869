#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace monocoque::io {

/// How long a thread may look for events again and again before it sleeps (design D6).
///
/// A thread that is woken loses tens of microseconds, so it pays to stay awake for what comes within that
/// time, and to do so only then: the waits of the recent past tell. After a few short waits in a row the next
/// one spins; a spin in vain stops that for a while, each time for twice as long, so that a thread which
/// keeps the core from whoever it waits for soon lets go, and an idle one sleeps. Pure; one thread.
class spin_budget {
 public:
  using duration = std::chrono::nanoseconds;
  /// The longest spin, and what counts as a short wait, the time to wake up included.
  static constexpr std::chrono::microseconds longest{50};
  static constexpr std::chrono::microseconds short_wait{120};

  /// `fixed`: not learnt; zero: never.
  explicit spin_budget(std::optional<duration> fixed = std::nullopt) noexcept : fixed_(fixed) {}

  /// For the wait that comes now; zero: none.
  [[nodiscard]] duration next() noexcept {
    if (fixed_) return *fixed_;
    if (holding_off_ > 0) {
      --holding_off_;
      return duration::zero();
    }
    return short_waits_ >= enough_short_waits ? duration(longest) : duration::zero();
  }
  /// What came of it.
  void spun(bool found) noexcept {
    if (found) {
      hold_off_ = std::max(hold_off_ / 2, least_hold_off);
      return;
    }
    short_waits_ = 0;
    holding_off_ = hold_off_;
    hold_off_ = std::min(hold_off_ * 2, most_hold_off);
  }
  void slept(duration how_long) noexcept {
    short_waits_ = how_long <= short_wait ? std::min(short_waits_ + 1, enough_short_waits) : 0;
  }

 private:
  static constexpr int enough_short_waits = 3;
  static constexpr int least_hold_off = 8;
  static constexpr int most_hold_off = 4096;

  std::optional<duration> fixed_;
  int short_waits_ = 0;
  int hold_off_ = least_hold_off;  // after the next spin in vain
  int holding_off_ = 0;            // waits left without one
};

}  // namespace monocoque::io
