#include "io/timer_heap.hpp"

#include <utility>

namespace monocoque::io {

namespace {

bool comes_before(const timer& left, const timer& right) noexcept {
  return left.when != right.when ? left.when < right.when : left.turn < right.turn;
}

/// Puts the later of two, neither of which is in a row, below the other; answers that.
timer* join(timer* one, timer* other) noexcept {
  if (comes_before(*other, *one)) std::swap(one, other);
  other->above = one;
  other->next = one->below;
  if (other->next != nullptr) other->next->above = other;
  one->below = other;
  return one;
}

/// Joins a row to one, first in pairs: that keeps what follows short. Null of nothing.
timer* join_row(timer* row) noexcept {
  timer* pairs = nullptr;
  while (row != nullptr) {
    timer* pair = row;
    timer* const second = row->next;
    row = second != nullptr ? second->next : nullptr;
    if (second != nullptr) pair = join(pair, second);
    pair->next = pairs;
    pairs = pair;
  }
  timer* all = nullptr;
  while (pairs != nullptr) {
    timer* const one = std::exchange(pairs, std::exchange(pairs->next, nullptr));
    all = all != nullptr ? join(all, one) : one;
  }
  return all;
}

}  // namespace

void timer_heap::start(timer& alarm, time_point when) noexcept {
  stop(alarm);
  alarm.when = when;
  alarm.turn = turns_++;
  first_ = first_ != nullptr ? join(first_, &alarm) : &alarm;
  first_->above = first_;
}

void timer_heap::stop(timer& alarm) noexcept {
  if (!alarm.armed()) return;
  timer* rest = join_row(std::exchange(alarm.below, nullptr));
  if (&alarm == first_) {
    first_ = rest;
  } else {
    (alarm.above->below == &alarm ? alarm.above->below : alarm.above->next) = alarm.next;
    if (alarm.next != nullptr) alarm.next->above = alarm.above;
    if (rest != nullptr) first_ = join(first_, rest);
  }
  alarm.above = alarm.next = nullptr;
  if (first_ == nullptr) return;
  first_->above = first_;
  first_->next = nullptr;
}

std::size_t timer_heap::fire_due(time_point now) noexcept {
  const std::uint64_t limit = turns_;
  std::size_t fired = 0;
  while (first_ != nullptr && first_->when <= now && first_->turn < limit) {
    timer& due = *first_;
    stop(due);
    due.fire(due);
    ++fired;
  }
  return fired;
}

}  // namespace monocoque::io
