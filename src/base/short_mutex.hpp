#pragma once

#include <atomic>
#include <cstdint>

namespace monocoque::base {

/// A mutex for sections of nanoseconds: one atomic exchange to lock and one to unlock while nobody competes,
/// both inline; a thread that finds it held for longer than a moment sleeps. Not recursive, not fair. Meets
/// the standard's Lockable requirements but for try_lock.
class short_mutex {
 public:
  short_mutex() noexcept = default;
  short_mutex(const short_mutex&) = delete;
  short_mutex& operator=(const short_mutex&) = delete;

  void lock() noexcept {
    std::uint32_t expected = unlocked;
    if (!state_.compare_exchange_weak(expected, locked, std::memory_order_acquire, std::memory_order_relaxed))
      lock_slowly();
  }
  void unlock() noexcept {
    if (state_.exchange(unlocked, std::memory_order_release) == contended) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t unlocked = 0;
  static constexpr std::uint32_t locked = 1;
  static constexpr std::uint32_t contended = 2;  // locked, and somebody may be asleep

  [[gnu::noinline]] void lock_slowly() noexcept {
    while (state_.exchange(contended, std::memory_order_acquire) != unlocked) {
      state_.wait(contended, std::memory_order_relaxed);  // spins for a moment first
    }
  }

  std::atomic<std::uint32_t> state_{unlocked};
};

}  // namespace monocoque::base
