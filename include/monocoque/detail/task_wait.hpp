#pragma once

#include <monocoque/detail/task_environment.hpp>

#include <atomic>
#include <coroutine>
#include <optional>
#include <stop_token>

#pragma GCC visibility push(default)

namespace monocoque::detail {

/// One wait of one coroutine that can be stopped: what the awaiters of timers, handles and sockets are built
/// on. A member of the awaiter, so it lives in the frame of the waiting coroutine and is destroyed on the
/// scheduler's thread.
///
/// Two sides may want to end the wait at once: whoever has what is waited for (`finish`), and whoever
/// requests stop (the callback), each on any thread. They race for one atomic; the winner, and only the
/// winner, posts the resumption, so the coroutine is resumed once, on the scheduler's thread, and never from
/// inside `finish` or `request_stop`. The resumed coroutine destroys this object; the callback may then still
/// be running elsewhere, but past its post, and ~stop_callback waits for it to return. A `finish` from
/// another thread needs a promise of its own that this object is alive: a lock that the awaiter's destructor
/// takes too (see spawn_state), which also covers the post.
class wait_point final : private work {
 public:
  wait_point() noexcept = default;
  wait_point(const wait_point&) = delete;
  wait_point& operator=(const wait_point&) = delete;
  ~wait_point() = default;

  /// From await_suspend, on the scheduler's thread, at most once. If stop was requested already, the
  /// coroutine is resumed soon. `finish` may be called from here on.
  void begin(std::coroutine_handle<> waiter, const task_environment& environment) noexcept {
    run = [](work& self) noexcept { static_cast<wait_point&>(self).waiter_.resume(); };
    waiter_ = waiter;
    scheduler_ = environment.scheduler;
    if (environment.stop.stop_possible()) on_stop_.emplace(environment.stop, stop_request{this});
  }

  /// Ends the wait unless it has ended; the coroutine is resumed soon. False if it had ended. Any thread.
  bool finish() noexcept { return end(outcome::finished); }

  /// Whether stop ended the wait. After resumption.
  [[nodiscard]] bool stopped() const noexcept {
    return outcome_.load(std::memory_order_acquire) == outcome::stopped;
  }

 private:
  enum class outcome : unsigned char { waiting, finished, stopped };
  struct stop_request {
    wait_point* wait;
    void operator()() const noexcept { wait->end(outcome::stopped); }
  };

  bool end(outcome how) noexcept {
    outcome expected = outcome::waiting;
    if (!outcome_.compare_exchange_strong(expected, how, std::memory_order_acq_rel)) return false;
    scheduler_->post(*this);
    return true;
  }

  std::atomic<outcome> outcome_{outcome::waiting};
  scheduler* scheduler_ = nullptr;
  std::coroutine_handle<> waiter_;
  std::optional<std::stop_callback<stop_request>> on_stop_;  // last: the others are there while it runs
};

}  // namespace monocoque::detail

#pragma GCC visibility pop
