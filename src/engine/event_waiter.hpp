#pragma once

#include "engine/event_queue.hpp"
#include "io/intrusive_list.hpp"

#include <monocoque/detail/event_operation.hpp>
#include <monocoque/detail/scheduler.hpp>

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>

namespace monocoque::engine {

/// What a coroutine that waits for an event needs to be woken, cancelled and timed out. Belongs to its
/// operation until that is destroyed.
///
/// All but two things happen on the scheduler's thread. The queue wakes it on whatever thread adds an event,
/// and a stop may be requested anywhere: both only take it off the queue's list (so just one of them wins)
/// and post the work. So the work is queued at most once, and only while it is off the list.
class event_waiter final : public io::list_hook, private detail::work, private detail::timer {
 public:
  event_waiter(detail::event_operation& operation, std::coroutine_handle<> coroutine,
               detail::scheduler& home) noexcept;

  /// Tries once more and, if there is nothing, waits. False if the outcome is there already.
  bool start(const std::stop_token& stop);
  /// For the queue, which has taken it off its list.
  void wake() noexcept { home_->post(*this); }
  /// The operation is destroyed, its coroutine with it.
  static void abandon(std::unique_ptr<event_waiter> self);

 private:
  struct request_stop {
    event_waiter* waiter;
    void operator()() const noexcept { waiter->on_stop(); }
  };

  void on_stop() noexcept;
  void on_work() noexcept;
  void on_deadline() noexcept;
  void settle() noexcept;
  void finish(result<event> outcome) noexcept;

  const std::shared_ptr<event_queue> queue_;
  detail::event_operation* operation_;  // null once abandoned
  std::coroutine_handle<> coroutine_;   // null once it was resumed
  detail::scheduler* const home_;
  std::atomic<bool> stop_requested_{false};
  bool timed_out_ = false;
  std::optional<std::stop_callback<request_stop>> stop_callback_;
  std::unique_ptr<event_waiter> self_;  // while it is abandoned and its work is queued
};

}  // namespace monocoque::engine
