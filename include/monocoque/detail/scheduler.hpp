#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(default)

namespace monocoque::detail {

using time_point = std::chrono::steady_clock::time_point;

/// A unit of work in a queue of a scheduler. Owned by whoever posts it; must stay put until it ran, and may
/// be posted again from inside `run` or later, but not while it is queued.
struct work {
  void (*run)(work&) noexcept = nullptr;
  work* next = nullptr;
};

/// An alarm of a scheduler. Owned by whoever starts it; stop it (or let it fire) before it is destroyed.
struct timer {
  void (*fire)(timer&) noexcept = nullptr;
  time_point when{};

  [[nodiscard]] bool armed() const noexcept { return above != nullptr; }

  // The scheduler's (io/timer_heap.hpp).
  std::uint64_t turn = 0;
  timer* above = nullptr;
  timer* next = nullptr;
  timer* below = nullptr;
};

/// Where coroutines run: a single-threaded loop. Only `post` and `on_its_thread` may be called from any
/// thread.
class scheduler {
 public:
  /// Runs `item` soon, on the loop's thread, never before post returns. Thread-safe; wakes the loop if
  /// needed.
  virtual void post(work& item) noexcept = 0;
  /// True on the thread that runs the loop now (or last ran it).
  [[nodiscard]] virtual bool on_its_thread() const noexcept = 0;
  /// The time as the loop sees it: read once a tick.
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// Fires `alarm` once at `when` or soon after; restarts it if armed.
  virtual void start(timer& alarm, time_point when) noexcept = 0;
  /// Does nothing if it is not armed.
  virtual void stop(timer& alarm) noexcept = 0;

 protected:
  ~scheduler() = default;
};

}  // namespace monocoque::detail

#pragma GCC visibility pop
