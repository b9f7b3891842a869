#pragma once

#include "base/short_mutex.hpp"
#include "engine/open_lanes.hpp"

#include <memory>
#include <mutex>

namespace monocoque::engine {

/// What guards a socket (design D3): a mutex, which an inline context, having one thread only, does without.
/// Whoever holds it finds the pipes' books in order, since locking shuts the lanes.
class monitor_mutex {
 public:
  explicit monitor_mutex(bool threaded) noexcept : lanes_(!threaded), threaded_(threaded) {}
  void lock() {
    if (threaded_) mutex_.lock();
    if (lanes_.any_open()) lanes_.shut();
  }
  void unlock() {
    if (threaded_) mutex_.unlock();
  }
  [[nodiscard]] open_lanes& lanes() noexcept { return lanes_; }
  /// In a child process, where nobody holds it any more; what went over open lanes is forgotten.
  void start_anew() noexcept {
    std::construct_at(&mutex_);
    lanes_.abandon();
  }

  /// For a message's way in or out: the lanes stay as they are.
  class for_traffic {
   public:
    explicit for_traffic(monitor_mutex& owner) : owner_(&owner) {
      if (owner_->threaded_) owner_->mutex_.lock();
    }
    /// Goes on holding what another one has passed on.
    for_traffic(monitor_mutex& owner, std::adopt_lock_t) noexcept : owner_(&owner) {}
    ~for_traffic() {
      if (owner_ != nullptr) owner_->unlock();
    }
    void pass_on() noexcept { owner_ = nullptr; }
    for_traffic(const for_traffic&) = delete;
    for_traffic& operator=(const for_traffic&) = delete;

   private:
    monitor_mutex* owner_;
  };

 private:
  base::short_mutex mutex_;
  open_lanes lanes_;
  const bool threaded_;
};

}  // namespace monocoque::engine
