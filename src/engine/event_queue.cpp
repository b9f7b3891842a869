#include "engine/event_queue.hpp"

#include <utility>

namespace monocoque::engine {

void event_queue::push(event happened) {
  const std::lock_guard lock(mutex_);
  if (events_.size() == capacity) {
    const std::uint64_t lost = events_.front().missed + 1;
    events_.pop_front();
    events_.front().missed += lost;
  }
  events_.push_back(std::move(happened));
  changed_.notify_one();
}

void event_queue::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

event event_queue::pop() {
  event taken = std::move(events_.front());
  events_.pop_front();
  return taken;
}

result<event> event_queue::take(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return finished_ || !events_.empty(); };
  if (deadline == std::chrono::steady_clock::time_point::max()) {
    changed_.wait(lock, stop, ready);
  } else {
    changed_.wait_until(lock, stop, deadline, ready);
  }
  if (!events_.empty()) return pop();
  if (finished_) return errc::closed;
  return stop.stop_requested() ? errc::cancelled : errc::timed_out;
}

std::optional<event> event_queue::try_take() {
  const std::lock_guard lock(mutex_);
  if (events_.empty()) return std::nullopt;
  return pop();
}

}  // namespace monocoque::engine
