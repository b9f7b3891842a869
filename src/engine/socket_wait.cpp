#include "engine/context_core.hpp"
#include "engine/deadline.hpp"
#include "engine/operation_state.hpp"
#include "engine/socket_core.hpp"

#include <mutex>
#include <stop_token>
#include <utility>

namespace monocoque::engine {
namespace {

using time_point = std::chrono::steady_clock::time_point;

constexpr std::size_t spare_operations_kept = 16;

/// A threaded context: tries, and sleeps between two tries until the socket wakes it.
template <class Attempt>
auto block(socket_core& socket, direction what, time_point deadline, const std::stop_token& stop,
           Attempt attempt) -> decltype(attempt(nullptr)) {
  thread_waiter self;
  const std::stop_callback on_stop(stop, [&self] { self.signal(); });
  for (;;) {
    auto outcome = attempt(&self);
    if (outcome || !(outcome.error() == errc::would_block)) return outcome;
    const bool woken = self.wait_until(deadline);
    socket.leave(what, self);
    if (stop.stop_requested()) return errc::cancelled;
    if (!woken) {
      outcome = attempt(nullptr);
      if (!outcome && outcome.error() == errc::would_block) return errc::timed_out;
      return outcome;
    }
  }
}

/// An inline context: the waiting thread runs the loop.
template <class Attempt>
auto drive(context_core& context, time_point deadline, const std::stop_token& stop, Attempt attempt)
    -> decltype(attempt(nullptr)) {
  const std::stop_callback on_stop(stop, [&context] { context.main_loop().wake(); });
  for (;;) {
    auto outcome = attempt(nullptr);
    if (outcome || !(outcome.error() == errc::would_block)) return outcome;
    if (stop.stop_requested()) return errc::cancelled;
    if (deadline != time_point::max() && std::chrono::steady_clock::now() >= deadline) return errc::timed_out;
    const result<std::size_t> ticked = context.tick(deadline);
    if (!ticked) return ticked.error();
  }
}

template <class Attempt>
auto wait(socket_core& socket, direction what, std::chrono::milliseconds timeout, const std::stop_token& stop,
          Attempt attempt) -> decltype(attempt(nullptr)) {
  auto first = attempt(nullptr);
  if (first || !(first.error() == errc::would_block)) return first;
  if (stop.stop_requested()) return errc::cancelled;
  if (timeout <= std::chrono::milliseconds::zero()) return errc::timed_out;
  context_core& context = socket.context();
  const time_point deadline = deadline_after(timeout);
  if (context.is_inline()) return drive(context, deadline, stop, attempt);
  if (context.on_loop_thread()) return errc::would_deadlock;
  return block(socket, what, deadline, stop, attempt);
}

}  // namespace

result<void> socket_core::send(message& what, std::chrono::milliseconds timeout,
                               const std::stop_token& stop) {
  return wait(*this, direction::send, timeout, stop, [&](waiter* self) { return try_send(what, self); });
}

result<message> socket_core::receive(std::chrono::milliseconds timeout, const std::stop_token& stop) {
  return wait(*this, direction::receive, timeout, stop, [&](waiter* self) { return try_receive(self); });
}

result<void> socket_core::require_usable() {
  const std::lock_guard lock(mutex_);
  if (!usable()) return why_unusable();
  return {};
}

bool socket_core::ready_for(direction wanted) {
  const std::lock_guard lock(mutex_);
  ++turn_;
  return wanted == direction::send ? pattern_->can_send() : pattern_->can_receive();
}

bool socket_core::join(direction wanted, waiter& joining) {
  const std::lock_guard lock(mutex_);
  if (!usable() || (wanted == direction::send ? pattern_->can_send() : pattern_->can_receive())) return false;
  (wanted == direction::send ? senders_ : receivers_).add(joining);
  return true;
}

bool socket_core::leave(direction wanted, waiter& leaving) {
  const std::lock_guard lock(mutex_);
  if (!leaving.queued()) return false;
  (wanted == direction::send ? senders_ : receivers_).remove(leaving);
  return true;
}

void socket_core::wake_from_elsewhere(direction what) {
  context_->main_loop().post([self = shared_from_this(), what] { self->notify(what); });
}

std::unique_ptr<operation_state> socket_core::take_operation() {
  {
    const std::lock_guard lock(mutex_);
    if (!spare_operations_.empty()) {
      auto spare = std::move(spare_operations_.back());
      spare_operations_.pop_back();
      return spare;
    }
  }
  return std::make_unique<operation_state>();
}

void socket_core::give_back(std::unique_ptr<operation_state> used) {
  const std::lock_guard lock(mutex_);
  if (spare_operations_.size() < spare_operations_kept) spare_operations_.push_back(std::move(used));
}

}  // namespace monocoque::engine
