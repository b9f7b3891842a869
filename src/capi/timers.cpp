#include "capi/error_numbers.hpp"

#include <zmq.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace monocoque::capi {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

/// Centuries would overflow the clock.
constexpr milliseconds longest_interval = std::chrono::years(100);

/// What is behind a zmq_timers_new: timers, each with a number, in the order of the times when they are due.
/// For one thread at a time. Handlers may do anything with it: add, change and cancel timers, themselves too,
/// execute it and destroy it.
class timer_set {
 public:
  /// The one behind a handle; null, and errno EFAULT, if that is something else.
  static timer_set* of(void* handle) noexcept {
    auto* const set = static_cast<timer_set*>(handle);
    return set != nullptr && set->tag_ == tag_alive ? set : fail<timer_set*>(EFAULT, nullptr);
  }

  int add(std::size_t interval, zmq_timer_fn* handler, void* arg) {
    int id = last_id_;
    do id = id == std::numeric_limits<int>::max() ? 1 : id + 1;
    while (timers_.contains(id));
    const auto place = order_.emplace(after(interval), id);
    try {
      timers_.emplace(id, timer{interval, handler, arg, place});
    } catch (...) {
      order_.erase(place);
      throw;
    }
    return last_id_ = id;
  }

  /// Does `step` with the timer of that number: 0, or -1 and errno EINVAL if there is none.
  template <class Step>
  int change(int id, Step step) noexcept {
    const auto found = timers_.find(id);
    if (found == timers_.end()) return fail(EINVAL, -1);
    step(found);
    return 0;
  }
  int cancel(int id) noexcept {
    return change(id, [this](auto found) {
      order_.erase(found->second.place);
      timers_.erase(found);
    });
  }
  int set_interval(int id, std::size_t interval) noexcept {
    return change(id, [=, this](auto found) {
      found->second.interval = interval;
      put_off(found->second, clock::now());
    });
  }
  int reset(int id) noexcept {
    return change(id, [this](auto found) { put_off(found->second, clock::now()); });
  }

  /// Until the next is due, in milliseconds; who waits so long finds it due. -1 without timers.
  [[nodiscard]] long timeout() const noexcept {
    if (order_.empty()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(order_.begin()->first - clock::now());
    return static_cast<long>(
        std::clamp<milliseconds::rep>(left.count(), 0, std::numeric_limits<long>::max()));
  }

  /// Calls the handlers of those that are due now, each once. A timer is put off before its handler is
  /// called, so that the handler has the last word.
  int execute() {
    const auto now = clock::now();
    std::vector<int> due;
    const int collected = guard(-1, [&] {
      const auto end = order_.upper_bound(now);
      for (auto at = order_.begin(); at != end; ++at) due.push_back(at->second);
      return 0;
    });
    const round until_here(*this);
    for (const int id : due) {
      const auto found = timers_.find(id);
      if (found == timers_.end() || found->second.place->first > now) continue;  // another handler's doing
      put_off(found->second, now);
      const timer called = found->second;
      called.handler(id, called.arg);
    }
    return collected;
  }

  /// At once, or at the end of the round that this is called in.
  void destroy() noexcept {
    tag_ = tag_destroyed;
    timers_.clear();
    order_.clear();
    if (rounds_ == 0) delete this;
  }

 private:
  using order = std::multimap<clock::time_point, int>;
  struct timer {
    std::size_t interval;  // milliseconds
    zmq_timer_fn* handler;
    void* arg;
    order::iterator place;
  };

  /// While handlers are called, the set stays.
  class round {
   public:
    explicit round(timer_set& set) noexcept : set_(set) { ++set_.rounds_; }
    ~round() {
      if (--set_.rounds_ == 0 && set_.tag_ == tag_destroyed) delete &set_;
    }
    round(const round&) = delete;
    round& operator=(const round&) = delete;

   private:
    timer_set& set_;
  };

  ~timer_set() = default;

  static clock::time_point after(std::size_t interval, clock::time_point now = clock::now()) noexcept {
    const auto milli = std::min<std::uint64_t>(interval, longest_interval.count());
    return now + milliseconds(static_cast<milliseconds::rep>(milli));
  }

  void put_off(timer& which, clock::time_point now) noexcept {
    auto node = order_.extract(which.place);
    node.key() = after(which.interval, now);
    which.place = order_.insert(std::move(node));
  }

  static constexpr std::uint32_t tag_alive = 0x71a3e55e;
  static constexpr std::uint32_t tag_destroyed = 0;

  std::uint32_t tag_ =
      tag_alive;  // the first member, so that this is what is looked at behind a foreign handle
  int last_id_ = 0;
  int rounds_ = 0;
  std::map<int, timer> timers_;
  order order_;
};

}  // namespace
}  // namespace monocoque::capi

using monocoque::capi::fail;
using monocoque::capi::guard;
using monocoque::capi::timer_set;

void* zmq_timers_new() {
  return guard<void*>(nullptr, [] { return new timer_set; });
}

int zmq_timers_destroy(void** timers_p) {
  auto* const set = timer_set::of(timers_p != nullptr ? *timers_p : nullptr);
  if (set == nullptr) return -1;
  set->destroy();
  *timers_p = nullptr;
  return 0;
}

int zmq_timers_add(void* timers, size_t interval, zmq_timer_fn handler, void* arg) {
  auto* const set = timer_set::of(timers);
  if (set == nullptr) return -1;
  if (handler == nullptr) return fail(EFAULT, -1);
  return guard(-1, [=] { return set->add(interval, handler, arg); });
}

int zmq_timers_cancel(void* timers, int timer_id) {
  auto* const set = timer_set::of(timers);
  return set != nullptr ? set->cancel(timer_id) : -1;
}

int zmq_timers_set_interval(void* timers, int timer_id, size_t interval) {
  auto* const set = timer_set::of(timers);
  return set != nullptr ? set->set_interval(timer_id, interval) : -1;
}

int zmq_timers_reset(void* timers, int timer_id) {
  auto* const set = timer_set::of(timers);
  return set != nullptr ? set->reset(timer_id) : -1;
}

long zmq_timers_timeout(void* timers) {
  auto* const set = timer_set::of(timers);
  return set != nullptr ? set->timeout() : -1;
}

int zmq_timers_execute(void* timers) {
  auto* const set = timer_set::of(timers);
  return set != nullptr ? set->execute() : -1;
}
