#pragma once

#include "engine/waiters.hpp"
#include "io/loop.hpp"
#include "io/signal_poll.hpp"

namespace monocoque::engine {

/// A thread that waits for sockets, descriptors and POSIX signals together: in signal_poll::wait, or in a
/// loop that it runs as a guest.
class polling_waiter : public waiter {
 public:
  explicit polling_waiter(io::signal_poll& poll) noexcept
      : waiter(io::bind_callback<&polling_waiter::wake>(this)), poll_(poll) {}

  /// Where it waits from now on; null: in signal_poll::wait. While it is not queued.
  void waits_in(io::loop* loop) noexcept { loop_ = loop; }

 private:
  // What the thread itself does in the loop ends the loop's turn anyway.
  void wake() noexcept {
    if (loop_ == nullptr) {
      poll_.signal();
    } else if (!loop_->on_its_thread()) {
      loop_->wake();
    }
  }
  io::signal_poll& poll_;
  io::loop* loop_ = nullptr;
};

}  // namespace monocoque::engine
