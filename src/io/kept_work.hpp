#pragma once

#include "io/callback.hpp"

#include <monocoque/detail/scheduler.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace monocoque::io {

/// Work of an object that any thread may post on its loop, at most once at a time, and that keeps the object
/// until it has run: a part of the object, so that to post it takes no memory and cannot fail.
class kept_work : private detail::work {
 public:
  explicit kept_work(callback<> what) noexcept : what_(what) { run = &kept_work::run_and_let_go; }
  kept_work(const kept_work&) = delete;
  kept_work& operator=(const kept_work&) = delete;

 private:
  friend class loop;

  static void run_and_let_go(detail::work& self) noexcept {
    auto& own = static_cast<kept_work&>(self);
    const std::shared_ptr<void> keep = own.take_off();
    own.what_();
  }
  /// From now on it may be posted again, and what its posters did before is seen.
  [[nodiscard]] std::shared_ptr<void> take_off() noexcept {
    std::shared_ptr<void> keep = std::move(owner_);
    queued_.exchange(false, std::memory_order_acq_rel);
    return keep;
  }

  const callback<> what_;
  std::atomic<bool> queued_{false};
  std::shared_ptr<void> owner_;
};

}  // namespace monocoque::io
