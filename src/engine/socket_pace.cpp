// How senders of an inline context keep pace with the kernel. What is queued shall not outgrow the
// processor's caches before the kernel takes it, so whoever sends while it takes nothing and much waits,
// waits a little itself. The high-water mark stays what it is: no wait is longer than `pace_patience`, and
// after one in vain there is none until something was taken.
#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <chrono>

namespace monocoque::engine {

bool socket_core::is_congested() const noexcept {
  const pipe* const target = find(pattern_->sole_target());
  return target != nullptr && target->link != nullptr && target->link->is_congested();
}

bool socket_core::expects_relief() const noexcept {
  const pipe* const target = find(pattern_->sole_target());
  return target != nullptr && !target->stalled && target->link != nullptr && target->link->is_congested();
}

void socket_core::join_paced(waiter& joining) noexcept {
  if (pipe* const target = find(pattern_->sole_target())) target->paced = true;
  senders_.add(joining);
}

void socket_core::note_stall() noexcept {
  if (pipe* const target = find(pattern_->sole_target())) target->stalled = true;
}

/// The kernel has taken something.
void socket_core::note_progress(pipe& target) noexcept {
  target.stalled = false;
  if (!target.paced || (target.link != nullptr && !target.link->is_relieved())) return;
  target.paced = false;
  notify(direction::send);
}

void socket_core::await_relief() {
  const io::time_point until = expects_relief() ? context_->now() + pace_patience : io::time_point::min();
  do {
    // In a turn of the loop there is no other: then the queue grows, at most up to its high-water mark.
    if (!context_->tick(until)) return;
    if (!is_congested()) return;
  } while (context_->now() < until);
  note_stall();
}

}  // namespace monocoque::engine
