#pragma once

#include "engine/inproc_channel.hpp"
#include "engine/monitor_mutex.hpp"

#include <mutex>
#include <utility>

namespace monocoque::engine {

/// Holds a socket's monitor; when it is free again, makes the calls that are owed to inproc peers.
class hold {
 public:
  /// `owes_calls`: guarded by the monitor; set by whoever owes one meanwhile.
  hold(monitor_mutex& monitor, bool& owes_calls) : monitor_(monitor), owes_calls_(owes_calls) {
    monitor_.lock();
  }
  /// It is held already.
  hold(monitor_mutex& monitor, bool& owes_calls, std::adopt_lock_t) noexcept
      : monitor_(monitor), owes_calls_(owes_calls) {}
  ~hold() {
    const bool owes = std::exchange(owes_calls_, false);
    monitor_.unlock();
    if (owes) inproc_calls::make();
  }
  hold(const hold&) = delete;
  hold& operator=(const hold&) = delete;

 private:
  monitor_mutex& monitor_;
  bool& owes_calls_;
};

}  // namespace monocoque::engine
