#include "engine/waiters.hpp"

#include "base/relax.hpp"

#include <thread>

namespace monocoque::engine {
namespace {

constexpr int looks_between_yields = 16;

}  // namespace

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
  state seen = state::awake;
  // To one that is awake this is all, and the last touch: it may be gone afterwards.
  if (state_.compare_exchange_strong(seen, state::signalled, std::memory_order_acq_rel)) return;
  if (seen == state::signalled) return;
  // Notified under the mutex: the waiter may be gone as soon as the mutex is free.
  const std::lock_guard lock(mutex_);
  state_.store(state::signalled, std::memory_order_release);
  if (polling_ != nullptr) {
    polling_->signal();
  } else {
    signalled_condition_.notify_one();
  }
}

error thread_waiter::wait_interruptibly(std::chrono::steady_clock::time_point deadline) {
  const result<io::signal_poll*> poll = io::signal_poll::of_this_thread();
  if (!poll) return poll.error();
  std::unique_lock lock(mutex_);
  polling_ = *poll;
  state expected = state::awake;
  // Fails if the signal is there already.
  state_.compare_exchange_strong(expected, state::asleep, std::memory_order_acq_rel);
  error outcome;
  while (state_.load(std::memory_order_acquire) != state::signalled && !outcome) {
    lock.unlock();
    const result<int> waited = (*poll)->wait({}, deadline);  // a late signal of an earlier wait ends it, too
    lock.lock();
    if (!waited) {
      outcome = waited.error();
    } else if (deadline <= std::chrono::steady_clock::now()) {
      outcome = errc::timed_out;
    }
  }
  if (state_.exchange(state::awake, std::memory_order_relaxed) == state::signalled) outcome = {};
  polling_ = nullptr;
  return outcome;
}

bool thread_waiter::spin(std::chrono::nanoseconds limit) noexcept {
  using clock = std::chrono::steady_clock;
  const clock::time_point end = clock::now() + limit;
  do {
    for (int i = 0; i < looks_between_yields; ++i) {
      if (state_.load(std::memory_order_acquire) == state::signalled) {
        state_.store(state::awake, std::memory_order_relaxed);
        return true;
      }
      base::relax();
    }
    std::this_thread::yield();  // to whoever is to send the signal, perhaps on this very core
  } while (clock::now() < end);
  return false;
}

}  // namespace monocoque::engine
