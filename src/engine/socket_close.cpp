#include "engine/context_core.hpp"
#include "engine/datagram_end.hpp"
#include "engine/dialer.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace monocoque::engine {

using time_point = std::chrono::steady_clock::time_point;

void socket_core::begin_close() noexcept {
  if (foreign_) return;
  const hold lock(mutex_, owes_calls_);
  closed_by_application_ = true;
  close_now(context_->deadline_after(options_->linger));
}

void socket_core::begin_close_of_context() noexcept {
  const hold lock(mutex_, owes_calls_);
  close_now(context_->deadline_after(options_->linger));
}

void socket_core::close_now(time_point linger_until) noexcept {
  if (std::exchange(closing_, true)) return;
  linger_until_ = linger_until;
  close_inproc();
  const bool lingers = linger_until_ > context_->now();
  for (const auto& each : dialers_) each->end(lingers ? linger_until_ : time_point::min());
  for (const auto& each : listeners_) each->end();
  for (const auto& each : datagram_ends_) each->end(lingers ? linger_until_ : time_point::min());
  for (const auto& each : links_) {
    if (each->pipe() && each->pipe()->keeps) continue;  // its dialer sees to it
    if (lingers && each->pipe()) {
      each->close_when_drained_soon();
    } else {
      each->close_soon(errc::closed);
    }
  }
  senders_.notify_all();
  receivers_.notify_all();
  note_end();
}

std::size_t socket_core::close(time_point deadline) {
  if (foreign_) return 0;
  {
    const hold lock(mutex_, owes_calls_);
    closed_by_application_ = true;
    close_now(std::min(deadline, context_->deadline_after(options_->linger)));
  }
  return finish_close(deadline);
}

std::size_t socket_core::finish_close(time_point deadline) {
  {
    const std::lock_guard lock(mutex_);
    deadline = std::min(deadline, linger_until_);
  }
  if (wait_until_over(deadline) == waited::deadline) {
    // What is told to drop what it has needs no peer for that, and so ends soon.
    {
      const std::lock_guard lock(mutex_);
      for (const auto& each : dialers_) each->end(time_point::min());
      for (const auto& each : datagram_ends_) each->end(time_point::min());
      for (const auto& each : links_) each->close_soon(errc::closed);
    }
    wait_until_over(time_point::max());
  }
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(counted_.dropped_at_close);
}

socket_core::waited socket_core::wait_until_over(time_point deadline) {
  thread_waiter self;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (everything_over()) return waited::over;
      if (!inline_) closers_.add(self);
    }
    waited outcome = waited::over;
    if (inline_) {
      if (!context_->tick(deadline)) {
        outcome = waited::impossible;
      } else if (deadline != time_point::max() && context_->now() >= deadline) {
        outcome = waited::deadline;
      }
    } else if (context_->on_loop_thread()) {
      outcome = waited::impossible;
    } else if (!self.wait_until(deadline)) {
      outcome = waited::deadline;
    }
    const std::lock_guard lock(mutex_);
    closers_.remove(self);
    if (everything_over()) return waited::over;
    if (outcome != waited::over) return outcome;
  }
}

/// A closing socket's last link, dialer or listener may have gone.
void socket_core::note_end() noexcept {
  if (!closing_) return;
  if (everything_over()) {
    for (const auto& queue : monitors_) queue->finish();
    monitors_.clear();
  }
  closers_.notify_all();
}

bool socket_core::everything_over() const noexcept {
  return links_.empty() && dialers_.empty() && listeners_.empty() && datagram_ends_.empty();
}

bool socket_core::is_over() {
  const std::lock_guard lock(mutex_);
  return closing_ && everything_over();
}

bool socket_core::join_end(waiter& joining) {
  const std::lock_guard lock(mutex_);
  if (closing_ && everything_over()) return false;
  closers_.add(joining);
  return true;
}

void socket_core::leave_end(waiter& leaving) noexcept {
  const std::lock_guard lock(mutex_);
  closers_.remove(leaving);
}

void socket_core::await_listeners_end() noexcept {
  if (inline_ || foreign_ || context_->on_loop_thread()) return;
  const context_core::relying on_io_threads(*context_);
  for (;;) {
    thread_waiter self;
    {
      const std::lock_guard lock(mutex_);
      const bool unbinds = std::ranges::any_of(listeners_, [](const auto& each) { return each->ending(); }) ||
                           std::ranges::any_of(datagram_ends_, [](const auto& each) {
                             return each->is_bound() && each->ending();
                           });
      if (!unbinds) return;
      closers_.add(self);
    }
    static_cast<void>(self.wait_until(time_point::max()));
  }
}

/// Nobody else is in this process, and whoever held the monitor is not.
void socket_core::become_foreign() noexcept {
  mutex_.start_anew();
  terminated_ = foreign_ = true;
}

void socket_core::terminate() noexcept {
  const std::lock_guard lock(mutex_);
  terminated_ = true;
  senders_.notify_all();
  receivers_.notify_all();
}

void socket_core::dialer_over(dialer& over, const std::shared_ptr<pipe>& kept) noexcept {
  std::shared_ptr<dialer> last_reference;
  const std::lock_guard lock(mutex_);
  report_locked(event_kind::closed, [&] {
    return event{.endpoint = over.endpoint(), .reason = over.why_over(), .outgoing = true};
  });
  if (kept) retire(kept, drop_reason::closed);
  const auto found = std::ranges::find(dialers_, &over, [](const auto& each) { return each.get(); });
  if (found != dialers_.end()) {
    last_reference = std::move(*found);
    dialers_.erase(found);
  }
  note_end();
}

void socket_core::listener_over(listener& over) noexcept {
  std::shared_ptr<listener> last_reference;
  const std::lock_guard lock(mutex_);
  report_locked(event_kind::closed,
                [&] { return event{.endpoint = over.last_endpoint(), .descriptor = over.descriptor()}; });
  const auto found = std::ranges::find(listeners_, &over, [](const auto& each) { return each.get(); });
  if (found != listeners_.end()) {
    last_reference = std::move(*found);
    listeners_.erase(found);
  }
  closers_.notify_all();
  note_end();
}

}  // namespace monocoque::engine
