#include "engine/loop_lease.hpp"

#include "io/unhurried_work.hpp"

#include <utility>

namespace monocoque::engine {

loop_lease::loop_lease(io::loop& loop) : loop_(loop), lends_(loop.may_change_threads()) {
  if (lends_) loop_.call_when_unattended(io::bind_callback<&loop_lease::call_io_thread>(this));
}

void loop_lease::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    take_turn(lock);
    if (stopped_) return;
    io_inside_ = true;
    lock.unlock();
    loop_.run_once_on_watch();
    lock.lock();
    io_inside_ = false;
    if (guest_waits_) guest_.notify_one();
  }
}

/// Waits until it is the I/O thread's turn; after `stop` until the last guest has gone.
void loop_lease::take_turn(std::unique_lock<std::mutex>& lock) {
  using clock = std::chrono::steady_clock;
  std::uint64_t seen = 0;  // differs from `visits_` once a guest was there at all
  clock::time_point back_at{};
  for (;;) {
    if (guest_inside_ || guest_waits_) {
      const bool stays = seen == visits_;
      seen = visits_;
      waits_for_end_ = stays || relying_ > 0;
      if (waits_for_end_) {
        io_thread_.wait(lock);
        seen = 0;  // gone just now, and likely to come back
      } else {
        io_thread_.wait_for(lock, patience);
      }
      waits_for_end_ = false;
      continue;
    }
    if (stopped_ || called_ || relying_ > 0) break;
    const clock::time_point now = clock::now();
    if (std::exchange(seen, visits_) != visits_) back_at = now + patience;
    if (now >= back_at) break;
    const io::loop::outlook ahead = loop_.look_ahead();
    if (ahead.due) break;
    const auto pause = ahead.on_watch ? std::chrono::nanoseconds(io::unhurried_work::interval) : patience;
    io_thread_.wait_for(lock, pause, [this] { return called_ || stopped_ || relying_ > 0; });
  }
  called_ = false;
  visits_ = 0;
}

void loop_lease::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    io_thread_.notify_one();
  }
  loop_.wake();
}

bool loop_lease::enter() {
  if (!lends_) return false;
  std::unique_lock lock(mutex_);
  if (guest_inside_ || guest_waits_ || relying_ > 0 || stopped_) return false;
  if (io_inside_) {
    guest_waits_ = true;
    lock.unlock();  // what a wake-up may lead to takes it too
    loop_.wake();
    lock.lock();
    guest_.wait(lock, [this] { return !io_inside_; });
    guest_waits_ = false;
  }
  guest_inside_ = true;
  called_ = false;  // the guest sees to it
  ++visits_;
  return true;
}

void loop_lease::leave() noexcept {
  const std::lock_guard lock(mutex_);
  guest_inside_ = false;
  if (!loop_.leave() || relying_ > 0) called_ = true;
  if (called_ || waits_for_end_ || stopped_) io_thread_.notify_one();
}

void loop_lease::call_io_thread() noexcept {
  const std::lock_guard lock(mutex_);
  called_ = true;
  if (!guest_inside_ && !guest_waits_) io_thread_.notify_one();
}

void loop_lease::rely_on_io_thread() noexcept {
  if (!lends_) return;
  const std::lock_guard lock(mutex_);
  if (++relying_ == 1 && !io_inside_ && !guest_inside_) io_thread_.notify_one();
}

void loop_lease::no_longer() noexcept {
  if (!lends_) return;
  const std::lock_guard lock(mutex_);
  --relying_;
}

}  // namespace monocoque::engine
