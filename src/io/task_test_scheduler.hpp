#pragma once

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/task.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace monocoque::io {

/// A scheduler for tests whose time moves only when it is told to. Belongs to the thread that made it, or
/// that called `adopt` last.
class manual_scheduler final : public detail::scheduler {
 public:
  void post(detail::work& item) noexcept override {
    const std::lock_guard lock(mutex_);
    item.next = nullptr;
    (last_ ? last_->next : first_) = &item;
    last_ = &item;
    ready_.notify_one();  // under the lock: nothing of this object is touched once the item can be seen
  }
  [[nodiscard]] bool on_its_thread() const noexcept override { return thread_ == std::this_thread::get_id(); }
  [[nodiscard]] detail::time_point now() const noexcept override { return now_; }
  void start(detail::timer& alarm, detail::time_point when) noexcept override {
    stop(alarm);
    alarm.when = when;
    alarm.above = &alarm;
    alarms_.push_back(&alarm);
  }
  void stop(detail::timer& alarm) noexcept override {
    std::erase(alarms_, &alarm);
    alarm.above = nullptr;
  }

  void adopt() noexcept { thread_ = std::this_thread::get_id(); }

  /// Runs what is posted until nothing is left; how many items that were.
  std::size_t run_ready() {
    std::size_t count = 0;
    while (detail::work* item = pop(false)) {
      item->run(*item);
      ++count;
    }
    return count;
  }
  /// Lets the time pass, from alarm to alarm.
  void advance(detail::time_point::duration step) {
    const detail::time_point until = now_ + step;
    run_ready();
    while (detail::timer* next = earliest(until)) {
      now_ = std::max(now_, next->when);
      stop(*next);
      next->fire(*next);
      run_ready();
    }
    now_ = until;
  }
  /// Runs posted work, waiting for it, until `finished` says so.
  template <class Predicate>
  void run_until(Predicate finished) {
    while (!finished()) {
      detail::work* item = pop(true);
      item->run(*item);
    }
  }
  /// Spawns the task, runs until it is done and answers what it did. For tasks that need no time to pass.
  template <class T>
  T run(task<T> body) {
    auto handle = spawn(*this, std::move(body));
    run_until([&] { return handle.done(); });
    return handle.join();
  }

  [[nodiscard]] std::size_t alarms() const noexcept { return alarms_.size(); }

 private:
  detail::work* pop(bool wait) {
    std::unique_lock lock(mutex_);
    if (wait) ready_.wait(lock, [this] { return first_ != nullptr; });
    detail::work* item = first_;
    if (item) first_ = item->next;
    if (!first_) last_ = nullptr;
    return item;
  }
  detail::timer* earliest(detail::time_point until) {
    const auto sooner = [](auto* left, auto* right) { return left->when < right->when; };
    const auto found = std::min_element(alarms_.begin(), alarms_.end(), sooner);
    return found != alarms_.end() && (*found)->when <= until ? *found : nullptr;
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  detail::work* first_ = nullptr;
  detail::work* last_ = nullptr;
  std::vector<detail::timer*> alarms_;
  detail::time_point now_{};
  std::atomic<std::thread::id> thread_ = std::this_thread::get_id();
};

}  // namespace monocoque::io
