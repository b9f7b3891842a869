#pragma once

#include "io/work_queue.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

namespace monocoque::io {

/// Work for the loop that whoever posts it will most likely do first: the rest of a burst, which goes out
/// with the next full write of the sending thread itself. Waking a thread for each such rest would cost more
/// than the stream does. So the loop's attendant, woken once, stays on watch: it looks every `interval`, does
/// what waits if no poster made progress since the last look, or after `longest_wait` looks in any case,
/// since it may be another's, and goes off watch when nothing has happened for `patience` looks.
///
/// `push` and `note_progress` on any thread, the rest on the one that attends to the loop.
class unhurried_work {
 public:
  static constexpr std::chrono::microseconds interval{100};

  /// True if nobody is on watch: somebody has to be woken.
  [[nodiscard]] bool push(work& item) noexcept {
    inbox_.push(item);
    return !on_watch();
  }
  void note_progress() noexcept { progress_.fetch_add(1, std::memory_order_relaxed); }

  [[nodiscard]] bool empty() const noexcept { return inbox_.empty(); }
  [[nodiscard]] bool on_watch() const noexcept { return on_watch_.load(std::memory_order_seq_cst); }
  [[nodiscard]] work* take_all() noexcept { return inbox_.take_all(); }

  /// To be called at every interval while on watch, and before each wait. True if what waits is due. Whoever
  /// then finds itself off watch has to look at `empty` once more before it sleeps for long.
  [[nodiscard]] bool look(std::chrono::steady_clock::time_point now) noexcept {
    if (on_watch() && now - last_look_ < interval) return false;
    last_look_ = now;
    const std::uint32_t seen = std::exchange(seen_, progress_.load(std::memory_order_relaxed));
    const bool moved = seen != seen_;
    const bool waits = !inbox_.empty();
    idle_looks_ = moved || waits ? 0 : idle_looks_ + (idle_looks_ < patience ? 1 : 0);
    on_watch_.store(idle_looks_ < patience, std::memory_order_seq_cst);
    looks_waited_ = waits ? looks_waited_ + 1 : 0;
    if (!waits || (moved && looks_waited_ < longest_wait)) return false;
    looks_waited_ = 0;
    return true;
  }

  /// Nobody looks any more: who pushes from now on is to wake the loop.
  void go_off_watch() noexcept {
    if (on_watch_.load(std::memory_order_relaxed)) on_watch_.store(false, std::memory_order_seq_cst);
  }

 private:
  static constexpr int patience = 10;
  static constexpr int longest_wait = 10;

  work_inbox inbox_;
  std::atomic<bool> on_watch_{false};
  std::atomic<std::uint32_t> progress_{0};
  std::uint32_t seen_ = 0;
  int idle_looks_ = patience;
  int looks_waited_ = 0;
  std::chrono::steady_clock::time_point last_look_{};
};

}  // namespace monocoque::io
