#include "engine/context_core.hpp"
#include "engine/operation_state.hpp"
#include "engine/send_limits.hpp"
#include "engine/socket_core.hpp"
#include "io/spin_budget.hpp"

#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace monocoque::engine {
namespace {

using time_point = std::chrono::steady_clock::time_point;

constexpr std::size_t spare_operations_kept = 16;
constexpr int yields_before_sleep = 32;

/// Until another thread signals; errors: timed_out at the deadline, and EINTR.
error sleep(thread_waiter& self, time_point deadline, on_signal then) {
  if (then == on_signal::fail) return self.wait_interruptibly(deadline);
  return self.wait_until(deadline) ? error() : errc::timed_out;
}

/// How long a wait for another thread of this process may look for its signal before it sleeps. Learnt by
/// each thread, unless the context says.
class own_spin_budget {
 public:
  own_spin_budget(const context_core& context, on_signal then) noexcept
      : fixed_(context.spin()), then_(then) {}
  /// As `sleep`, but looks for the signal first.
  error wait(thread_waiter& self, time_point deadline) {
    io::spin_budget& budget = fixed_ ? fixed_budget_ : learnt();
    const auto limit = budget.next();
    if (limit > std::chrono::nanoseconds::zero()) {
      const bool found = self.spin(limit);
      budget.spun(found);
      if (found) return {};
    }
    const time_point from = std::chrono::steady_clock::now();
    error outcome = sleep(self, deadline, then_);
    budget.slept(std::chrono::steady_clock::now() - from);
    return outcome;
  }

 private:
  static io::spin_budget& learnt() noexcept {
    thread_local io::spin_budget budget;
    return budget;
  }
  const std::optional<std::chrono::microseconds> fixed_;
  const on_signal then_;
  io::spin_budget fixed_budget_{fixed_};
};

/// What follows a wait that ended for `reason`: there may be something all the same.
template <class Attempt>
error try_last(Attempt attempt, error reason) {
  const attempt_code last = attempt(nullptr);
  return last == errc::would_block ? std::move(reason) : error(last);
}

/// A threaded context: tries, and waits between two tries until the socket wakes it, in the way of
/// `sleep_until`.
template <class Attempt, class Sleep>
error block(socket_core& socket, direction what, time_point deadline, const std::stop_token& stop,
            Attempt attempt, Sleep sleep_until) {
  thread_waiter self;
  const std::stop_callback on_stop(stop, [&self] { self.signal(); });
  for (;;) {
    const attempt_code tried = attempt(&self);
    if (tried != errc::would_block) return tried;
    error unwoken = sleep_until(self, deadline);
    socket.leave(what, self);
    if (stop.stop_requested()) return errc::cancelled;
    if (unwoken) return try_last(attempt, std::move(unwoken));
  }
}

/// Another thread made the socket ready, or ended it, while this one runs the loop.
class visiting_waiter : public waiter {
 public:
  explicit visiting_waiter(io::loop& loop) noexcept
      : waiter(io::bind_callback<&visiting_waiter::wake>(this)), loop_(loop) {}

 private:
  // What this very thread does in its tick ends the tick by itself; a wake-up left over would call the I/O
  // thread.
  void wake() noexcept {
    if (!loop_.on_its_thread()) loop_.wake();
  }
  io::loop& loop_;
};

/// A threaded context whose loop is to be had: the waiting thread runs it.
template <class Attempt>
error visit(socket_core& socket, direction what, time_point deadline, const std::stop_token& stop,
            on_signal then, Attempt attempt) {
  context_core& context = socket.context();
  visiting_waiter self(context.main_loop());
  const std::stop_callback on_stop(stop, [&context] { context.main_loop().wake(); });
  for (;;) {
    const attempt_code tried = attempt(&self);
    if (tried != errc::would_block) return tried;
    const bool over = deadline != time_point::max() && std::chrono::steady_clock::now() >= deadline;
    const bool undisturbed = over || stop.stop_requested() || context.run_as_guest(deadline);
    socket.leave(what, self);
    if (stop.stop_requested()) return errc::cancelled;
    if (over) return errc::timed_out;
    if (!undisturbed && then == on_signal::fail)
      return try_last(attempt, std::make_error_code(std::errc::interrupted));
  }
}

/// An inline context: the waiting thread, which has just tried, runs the loop.
template <class Attempt>
error drive(context_core& context, time_point deadline, const std::stop_token& stop, Attempt attempt) {
  const std::stop_callback on_stop(stop, [&context] { context.main_loop().wake(); });
  for (;;) {
    if (stop.stop_requested()) return errc::cancelled;
    if (deadline != time_point::max() && context.now() >= deadline) return errc::timed_out;
    const result<std::size_t> ticked = context.tick(deadline);
    if (!ticked) return ticked.error();
    const attempt_code tried = attempt(nullptr);
    if (tried != errc::would_block) return tried;
  }
}

/// What follows an attempt that would have blocked.
template <class Attempt>
error wait(socket_core& socket, direction what, std::chrono::milliseconds timeout,
           const std::stop_token& stop, on_signal then, Attempt attempt) {
  if (stop.stop_requested()) return errc::cancelled;
  if (timeout <= std::chrono::milliseconds::zero()) {
    // Refused; but the next attempt need not be.
    if (what == direction::send) static_cast<void>(socket.make_room());
    return errc::timed_out;
  }
  context_core& context = socket.context();
  const time_point deadline = context.deadline_after(timeout);
  if (context.is_inline()) return drive(context, deadline, stop, attempt);
  if (context.on_loop_thread()) return errc::would_deadlock;
  if (what == direction::send && socket.make_room()) {
    const attempt_code tried = attempt(nullptr);
    if (tried != errc::would_block) return tried;
  }
  if (socket.waits_for_inproc_alone()) {
    // Whoever sends or takes wakes this thread itself.
    own_spin_budget budget(context, then);
    return block(socket, what, deadline, stop, attempt,
                 [&](thread_waiter& self, time_point until) { return budget.wait(self, until); });
  }
  if (what == direction::send) {
    // Most likely the I/O thread is in the middle of writing.
    for (int i = 0; i < yields_before_sleep; ++i) {
      std::this_thread::yield();
      const attempt_code tried = attempt(nullptr);
      if (tried != errc::would_block) return tried;
    }
  }
  if (const context_core::guest running(context); running) {
    return visit(socket, what, deadline, stop, then, attempt);
  }
  const context_core::relying on_io_threads(context);
  return block(socket, what, deadline, stop, attempt,
               [then](thread_waiter& self, time_point until) { return sleep(self, until, then); });
}

}  // namespace

template <class Content>
error socket_core::send_after(attempt_code first, Content& what, std::chrono::milliseconds timeout,
                              const std::stop_token& stop, on_signal then) {
  if (first != errc::would_block) return first;
  return wait(*this, direction::send, timeout, stop, then,
              [&](waiter* self) { return try_send(what, self); });
}
template error socket_core::send_after(attempt_code, message&, std::chrono::milliseconds,
                                       const std::stop_token&, on_signal);
template error socket_core::send_after(attempt_code, std::span<const std::byte>&, std::chrono::milliseconds,
                                       const std::stop_token&, on_signal);
template error socket_core::send_after(attempt_code, std::span<const frame_view>&, std::chrono::milliseconds,
                                       const std::stop_token&, on_signal);

error socket_core::probe_after(attempt_code first, std::span<const std::byte> first_frame,
                               std::chrono::milliseconds timeout, on_signal then) {
  if (first != errc::would_block) return first;
  return wait(*this, direction::send, timeout, {}, then,
              [&](waiter* self) { return probe_send(first_frame, self); });
}

error socket_core::receive_after(attempt_code first, message& into, std::chrono::milliseconds timeout,
                                 const std::stop_token& stop, on_signal then) {
  if (first != errc::would_block) return first;
  return wait(*this, direction::receive, timeout, stop, then,
              [&](waiter* self) { return try_receive(into, self); });
}

bool socket_core::ready_for(direction wanted) {
  const hold lock(mutex_, owes_calls_);
  if (!inline_) ++turn_;
  if (wanted == direction::receive) {
    settle_sources();
    return pattern_->can_receive();
  }
  if (!can_send_now() && limits_.notes_late) send_limits(*this).make_room();
  return can_send_now();
}

result<bool> socket_core::has_room_for(std::span<const std::byte> routing_id) {
  if (type_ != socket_type::router && type_ != socket_type::rep) return errc::not_supported;
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable();
  const pipe* const known = find(pattern_->find(routing_id));
  if (known == nullptr || known->leaving) return errc::unroutable;
  if (known->full && limits_.notes_late) send_limits(*this).make_room();
  return !known->full;
}

bool socket_core::make_room() {
  if (!context_->behaves_as_libzmq()) return false;
  const hold lock(mutex_, owes_calls_);
  if (!limits_.notes_late) return false;
  send_limits(*this).make_room();
  return true;
}

bool socket_core::join(direction wanted, waiter& joining) {
  const hold lock(mutex_, owes_calls_);
  if (wanted == direction::receive) settle_sources();
  if (!usable() || (wanted == direction::send ? can_send_now() : pattern_->can_receive())) return false;
  (wanted == direction::send ? senders_ : receivers_).add(joining);
  return true;
}

bool socket_core::leave(direction wanted, waiter& leaving) {
  const std::lock_guard lock(mutex_);
  if (!leaving.queued()) return false;
  (wanted == direction::send ? senders_ : receivers_).remove(leaving);
  return true;
}

void socket_core::wake_from_elsewhere() noexcept { context_->main_loop().post(waking_, shared_from_this()); }

void socket_core::wake_all() noexcept {
  notify(direction::send);
  notify(direction::receive);
}

std::unique_ptr<operation_state> socket_core::take_operation() {
  {
    const std::lock_guard lock(mutex_);
    if (!spare_operations_.empty()) {
      auto spare = std::move(spare_operations_.back());
      spare_operations_.pop_back();
      return spare;
    }
    spare_operations_.reserve(spare_operations_kept);  // so that to give one back cannot fail
  }
  return std::make_unique<operation_state>();
}

void socket_core::give_back(std::unique_ptr<operation_state> used) noexcept {
  const std::lock_guard lock(mutex_);
  if (spare_operations_.size() < spare_operations_kept) spare_operations_.push_back(std::move(used));
}

}  // namespace monocoque::engine
