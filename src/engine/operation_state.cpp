#include "engine/operation_state.hpp"

#include "engine/context_core.hpp"

#include <utility>

namespace monocoque::engine {

operation_state::operation_state() noexcept : waiter(io::bind_callback<&operation_state::wake>(this)) {
  work::run = [](detail::work& item) noexcept { static_cast<operation_state&>(item).on_work(); };
  timer::fire = [](detail::timer& alarm) noexcept { static_cast<operation_state&>(alarm).on_deadline(); };
}

void operation_state::prepare(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
                              detail::scheduler& home) {
  socket_ = operation.core_.shared_from_this();
  operation_ = &operation;
  coroutine_ = coroutine;
  home_ = &home;
  stop_requested_.store(false, std::memory_order_relaxed);
  timed_out_ = false;
}

void operation_state::start_timer(const detail::pending_operation& operation, detail::scheduler& home) {
  const auto own = socket_->timeout(operation.direction_);
  const auto deadline = socket_->context().deadline_after(operation.timeout_.value_or(own));
  if (deadline != detail::time_point::max()) home.start(*this, deadline);
}

bool operation_state::start(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
                            detail::scheduler& home, const std::stop_token& stop) {
  prepare(operation, coroutine, home);
  if (operation.attempt_or_fail(this)) {
    coroutine_ = nullptr;
    return false;
  }
  // A wake-up from here on posts the work, which runs on this very thread, later.
  start_timer(operation, home);
  if (stop.stop_possible()) stop_callback_.emplace(stop, request_stop{this});
  return true;
}

void operation_state::start_later(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
                                  detail::scheduler& home, const std::stop_token& stop) {
  prepare(operation, coroutine, home);
  start_timer(operation, home);
  if (stop.stop_possible()) stop_callback_.emplace(stop, request_stop{this});
  wake();
}

void operation_state::start_paced(detail::pending_operation& operation, std::coroutine_handle<> coroutine,
                                  detail::scheduler& home, const std::stop_token& stop) {
  prepare(operation, coroutine, home);
  socket_->join_paced(*this);
  home.start(*this, socket_->context().now() + socket_core::pace_patience);
  if (stop.stop_possible()) stop_callback_.emplace(stop, request_stop{this});
}

void operation_state::on_stop() noexcept {
  stop_requested_.store(true);
  if (socket_->is_inline() && !home_->on_its_thread()) {
    socket_->wake_from_elsewhere();
    return;
  }
  if (socket_->leave(operation_->direction_, *this)) wake();
}

void operation_state::on_work() noexcept {
  if (operation_ == nullptr) {
    recycle();
    return;
  }
  if (operation_->attempt_or_fail(this)) {
    finish();
  } else if ((stop_requested_.load() || timed_out_) && socket_->leave(operation_->direction_, *this)) {
    // A stop that came while the waiter was off the queue found nothing to take off.
    operation_->fail(timed_out_ && !stop_requested_.load() ? errc::timed_out : errc::cancelled);
    finish();
  }
}

void operation_state::on_deadline() noexcept {
  timed_out_ = true;
  if (!socket_->leave(operation_->direction_, *this)) return;  // woken already: the work looks at timed_out_
  if (operation_->done_) {
    socket_->note_stall();
  } else {
    operation_->fail(errc::timed_out);
  }
  finish();
}

void operation_state::settle() noexcept {
  home_->stop(*this);
  stop_callback_.reset();
}

void operation_state::finish() noexcept {
  settle();
  std::exchange(coroutine_, nullptr).resume();
}

void operation_state::abandon(std::unique_ptr<operation_state> self) {
  operation_state& state = *self;
  const bool was_waiting = state.coroutine_ != nullptr;
  if (was_waiting) state.settle();
  const std::shared_ptr<socket_core> socket = std::move(state.socket_);
  if (was_waiting && !socket->leave(state.operation_->direction_, state)) {
    // Its work is queued: it ends there.
    state.operation_ = nullptr;
    state.socket_ = socket;
    state.self_ = std::move(self);
    return;
  }
  state.operation_ = nullptr;
  state.coroutine_ = nullptr;
  socket->give_back(std::move(self));
}

void operation_state::recycle() noexcept {
  coroutine_ = nullptr;
  const std::shared_ptr<socket_core> socket = std::move(socket_);
  socket->give_back(std::move(self_));
}

}  // namespace monocoque::engine
