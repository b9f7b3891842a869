#include "io/timer_heap.hpp"

#include <algorithm>

namespace monocoque::io {

namespace {
constexpr std::size_t arity = 4;
}

void timer_heap::start(timer& alarm, time_point when) {
  stop(alarm);
  alarm.when = when;
  entries_.emplace_back();
  sift_up(entries_.size() - 1, {when, turns_++, &alarm});
}

void timer_heap::stop(timer& alarm) noexcept {
  if (!alarm.armed()) return;
  remove(alarm.place);
  alarm.place = timer::idle;
}

std::size_t timer_heap::fire_due(time_point now) noexcept {
  const std::uint64_t limit = turns_;
  std::size_t fired = 0;
  while (!entries_.empty()) {
    const entry first = entries_.front();
    if (first.when > now || first.turn >= limit) break;
    remove(0);
    first.alarm->place = timer::idle;
    first.alarm->fire(*first.alarm);
    ++fired;
  }
  return fired;
}

void timer_heap::put(std::size_t place, const entry& value) noexcept {
  entries_[place] = value;
  value.alarm->place = place;
}

void timer_heap::sift_up(std::size_t place, const entry& value) noexcept {
  while (place > 0) {
    const std::size_t parent = (place - 1) / arity;
    if (!before(value, entries_[parent])) break;
    put(place, entries_[parent]);
    place = parent;
  }
  put(place, value);
}

void timer_heap::sift_down(std::size_t place, const entry& value) noexcept {
  const std::size_t size = entries_.size();
  for (;;) {
    const std::size_t first_child = place * arity + 1;
    if (first_child >= size) break;
    const std::size_t last_child = std::min(first_child + arity, size);
    std::size_t least = first_child;
    for (std::size_t child = first_child + 1; child < last_child; ++child) {
      if (before(entries_[child], entries_[least])) least = child;
    }
    if (!before(entries_[least], value)) break;
    put(place, entries_[least]);
    place = least;
  }
  put(place, value);
}

void timer_heap::remove(std::size_t place) noexcept {
  const entry last = entries_.back();
  entries_.pop_back();
  if (place == entries_.size()) return;
  if (place > 0 && before(last, entries_[(place - 1) / arity])) {
    sift_up(place, last);
  } else {
    sift_down(place, last);
  }
}

}  // namespace monocoque::io
