#pragma once

#include <monocoque/detail/scheduler.hpp>

#include <atomic>
#include <cstddef>

namespace monocoque::io {

using detail::work;

/// Runs a chain of work in order; each item may be queued anew from its own `run`. Returns how many there
/// were.
inline std::size_t run_chain(work* item) noexcept {
  std::size_t count = 0;
  while (item != nullptr) {
    work* following = item->next;  // read first: `run` may queue or destroy the item
    item->next = nullptr;
    item->run(*item);
    item = following;
    ++count;
  }
  return count;
}

/// A queue of work on one thread, first in, first out. Does not own the items.
class work_list {
 public:
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  void push(work& item) noexcept {
    item.next = nullptr;
    *end_ = &item;
    end_ = &item.next;
  }
  /// All of it as a chain; the list is empty afterwards.
  [[nodiscard]] work* take_all() noexcept {
    work* all = first_;
    first_ = nullptr;
    end_ = &first_;
    return all;
  }

 private:
  work* first_ = nullptr;
  work** end_ = &first_;
};

/// A queue of work from any number of threads to one: a lock-free stack, turned around by the consumer, who
/// takes all of it at once (so there is no ABA). Push and `empty` are sequentially consistent: see loop.cpp,
/// "Sleeping".
class work_inbox {
 public:
  [[nodiscard]] bool empty() const noexcept { return top_.load(std::memory_order_seq_cst) == nullptr; }
  void push(work& item) noexcept {
    work* top = top_.load(std::memory_order_relaxed);
    do {
      item.next = top;
    } while (!top_.compare_exchange_weak(top, &item, std::memory_order_seq_cst, std::memory_order_relaxed));
  }
  [[nodiscard]] work* take_all() noexcept {
    if (top_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    work* newest = top_.exchange(nullptr, std::memory_order_acquire);
    work* chain = nullptr;
    while (newest != nullptr) {
      work* older = newest->next;
      newest->next = chain;
      chain = newest;
      newest = older;
    }
    return chain;
  }

 private:
  std::atomic<work*> top_{nullptr};
};

}  // namespace monocoque::io
