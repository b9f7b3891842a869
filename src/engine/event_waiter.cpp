#include "engine/event_waiter.hpp"

#include "engine/deadline.hpp"

#include <utility>

namespace monocoque::engine {

event_waiter::event_waiter(detail::event_operation& operation, std::coroutine_handle<> coroutine,
                           detail::scheduler& home) noexcept
    : queue_(operation.queue_), operation_(&operation), coroutine_(coroutine), home_(&home) {
  work::run = [](detail::work& item) noexcept { static_cast<event_waiter&>(item).on_work(); };
  timer::fire = [](detail::timer& alarm) noexcept { static_cast<event_waiter&>(alarm).on_deadline(); };
}

bool event_waiter::start(const std::stop_token& stop) {
  if (auto there = queue_->take_or_join(this)) {
    operation_->outcome_ = std::move(there);
    coroutine_ = nullptr;
    return false;
  }
  // A wake-up from here on posts the work, which runs on this very thread, later.
  if (operation_->timeout_) home_->start(*this, deadline_after(*operation_->timeout_, home_->now()));
  if (stop.stop_possible()) stop_callback_.emplace(stop, request_stop{this});
  return true;
}

void event_waiter::on_stop() noexcept {
  stop_requested_.store(true);
  if (queue_->leave(*this)) wake();
}

void event_waiter::on_work() noexcept {
  if (operation_ == nullptr) {
    const std::unique_ptr<event_waiter> last = std::move(self_);
    return;
  }
  if (auto there = queue_->take_or_join(this)) {
    finish(*std::move(there));
  } else if ((stop_requested_.load() || timed_out_) && queue_->leave(*this)) {
    // A stop that came while this was off the list found nothing to take off.
    finish(stop_requested_.load() ? errc::cancelled : errc::timed_out);
  }
}

void event_waiter::on_deadline() noexcept {
  timed_out_ = true;
  if (queue_->leave(*this))
    finish(errc::timed_out);  // else it is woken already: the work looks at timed_out_
}

void event_waiter::settle() noexcept {
  home_->stop(*this);
  stop_callback_.reset();
}

void event_waiter::finish(result<event> outcome) noexcept {
  settle();
  operation_->outcome_ = std::move(outcome);
  std::exchange(coroutine_, nullptr).resume();
}

void event_waiter::abandon(std::unique_ptr<event_waiter> self) {
  event_waiter& waiter = *self;
  if (!waiter.coroutine_) return;
  waiter.settle();
  if (waiter.queue_->leave(waiter)) return;
  waiter.operation_ = nullptr;  // its work is queued: it ends there
  waiter.self_ = std::move(self);
}

}  // namespace monocoque::engine
