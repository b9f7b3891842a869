#include "engine/waiters.hpp"

namespace monocoque::engine {

waiter_list::waiter_list() noexcept : anchor_(io::callback<>{}) {
  anchor_.previous_ = anchor_.next_ = &anchor_;
}

void waiter_list::add(waiter& joined) noexcept {
  joined.previous_ = anchor_.previous_;
  joined.next_ = &anchor_;
  anchor_.previous_->next_ = &joined;
  anchor_.previous_ = &joined;
}

void waiter_list::remove(waiter& leaving) noexcept {
  if (!leaving.queued()) return;
  leaving.previous_->next_ = leaving.next_;
  leaving.next_->previous_ = leaving.previous_;
  leaving.previous_ = leaving.next_ = nullptr;
}

void waiter_list::wake_all() noexcept {
  while (!empty()) {
    waiter& first = *anchor_.next_;
    remove(first);
    first.wake_();
  }
}

void thread_waiter::signal() noexcept {
  // Notified under the mutex: the waiter may be gone as soon as the mutex is free.
  const std::lock_guard lock(mutex_);
  signalled_ = true;
  signalled_condition_.notify_one();
}

}  // namespace monocoque::engine
