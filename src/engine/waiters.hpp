#pragma once

#include "io/callback.hpp"
#include "io/signal_poll.hpp"

#include <monocoque/error.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace monocoque::engine {

/// Somebody who waits for a socket to become readable or writable: a blocked thread, a suspended coroutine, a
/// poller.
///
/// Queued and unqueued under the socket's monitor. `notify` takes it off the queue and calls `wake`, still
/// under the monitor, so a waiter that finds itself off the queue (under the monitor) knows that its wake has
/// been called, and one that takes itself off knows that it will not be. `wake` must be short and must not
/// touch the socket.
class waiter {
 public:
  explicit waiter(io::callback<> wake) noexcept : wake_(wake) {}
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  [[nodiscard]] bool queued() const noexcept { return previous_ != nullptr; }

 private:
  friend class waiter_list;
  io::callback<> wake_;
  waiter* previous_ = nullptr;
  waiter* next_ = nullptr;
};

/// Waiters of one direction of a socket, first come first. Does not own them; they leave before they are
/// destroyed.
class waiter_list {
 public:
  waiter_list() noexcept;
  waiter_list(const waiter_list&) = delete;
  waiter_list& operator=(const waiter_list&) = delete;

  [[nodiscard]] bool empty() const noexcept { return anchor_.next_ == &anchor_; }
  void add(waiter& joined) noexcept;
  void remove(waiter& leaving) noexcept;
  /// Wakes all. (Waking just one for one message would lose the message's wake-up when that one is
  /// cancelled.)
  void notify_all() noexcept {
    if (!empty()) wake_all();
  }

 private:
  void wake_all() noexcept;
  waiter anchor_;
};

/// A thread that blocks: looks for the signal for a while, if it is told to, and then sleeps.
class thread_waiter : public waiter {
 public:
  thread_waiter() noexcept : waiter(io::bind_callback<&thread_waiter::signal>(this)) {}
  void signal() noexcept;
  /// Looks for `signal` for so long without sleeping; true if it came. Consumes the signal.
  [[nodiscard]] bool spin(std::chrono::nanoseconds limit) noexcept;
  /// Waits for `signal`, at most until `deadline`; false at the deadline. Consumes the signal.
  template <class TimePoint>
  bool wait_until(TimePoint deadline) {
    std::unique_lock lock(mutex_);
    state expected = state::awake;
    // Fails if the signal is there already.
    state_.compare_exchange_strong(expected, state::asleep, std::memory_order_acq_rel);
    const auto signalled = [this] { return state_.load(std::memory_order_acquire) == state::signalled; };
    bool came = true;
    if (deadline == TimePoint::max()) {
      signalled_condition_.wait(lock, signalled);
    } else {
      came = signalled_condition_.wait_until(lock, deadline, signalled);
    }
    state_.store(state::awake, std::memory_order_relaxed);
    return came;
  }
  /// The same, but in poll(2). Errors: timed_out at the deadline, EINTR after the thread has handled a POSIX
  /// signal, and the system's.
  [[nodiscard]] error wait_interruptibly(std::chrono::steady_clock::time_point deadline);

 private:
  enum class state : std::uint8_t { awake, asleep, signalled };

  std::mutex mutex_;
  std::condition_variable signalled_condition_;
  std::atomic<state> state_{state::awake};
  io::signal_poll* polling_ = nullptr;  // guarded by mutex_; null: asleep on the condition
};

}  // namespace monocoque::engine
