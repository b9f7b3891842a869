#pragma once

#include "engine/socket_core.hpp"
#include "engine/waiters.hpp"

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/detail/socket_operation.hpp>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>

namespace monocoque::engine {

/// What a suspended send or receive needs to be woken, cancelled and timed out. Belongs to its operation
/// until that is destroyed; the socket keeps finished ones for reuse.
///
/// All but two things happen on the scheduler's thread. The socket wakes the waiter on whatever thread makes
/// it ready, and a stop may be requested anywhere: both only take the waiter off the socket's queue (so just
/// one of them wins) and post the work. `work` therefore is queued at most once, and only while the waiter is
/// off the queue.
class operation_state final : private waiter, private detail::work, private detail::timer {
 public:
  operation_state() noexcept;

  /// Tries `operation` once more and, if it still would block, waits. False if the outcome is there already.
  bool start(detail::pending_operation& operation, std::coroutine_handle<> coroutine, detail::scheduler& home,
             const std::stop_token& stop);
  /// Tries from the scheduler's queue, after what is there already.
  void start_later(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
                   detail::scheduler& home, const std::stop_token& stop);
  /// For one that is over already, and whose coroutine goes on when the kernel has taken something.
  void start_paced(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
                   detail::scheduler& home, const std::stop_token& stop);
  /// The operation is destroyed, its coroutine with it; afterwards the state lives on by itself as long as it
  /// must.
  static void abandon(std::unique_ptr<operation_state> self);

 private:
  struct request_stop {
    operation_state* state;
    void operator()() const noexcept { state->on_stop(); }
  };

  void prepare(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
               detail::scheduler& home);
  void start_timer(const detail::pending_operation& operation, detail::scheduler& home);
  void wake() noexcept { home_->post(*this); }
  void on_stop() noexcept;
  void on_work() noexcept;
  void on_deadline() noexcept;
  void finish() noexcept;
  void settle() noexcept;
  void recycle() noexcept;

  std::shared_ptr<socket_core> socket_;
  detail::pending_operation* operation_ = nullptr;  // null once abandoned
  std::coroutine_handle<> coroutine_;
  detail::scheduler* home_ = nullptr;
  std::atomic<bool> stop_requested_{false};
  bool timed_out_ = false;
  std::optional<std::stop_callback<request_stop>> stop_callback_;
  std::unique_ptr<operation_state> self_;  // while it is abandoned and its work is queued
};

}  // namespace monocoque::engine
