#pragma once

#include "engine/waiters.hpp"
#include "io/signal_poll.hpp"

namespace monocoque::engine {

/// A thread that waits for sockets, descriptors and POSIX signals together, in signal_poll::wait.
class polling_waiter : public waiter {
 public:
  explicit polling_waiter(io::signal_poll& poll) noexcept
      : waiter(io::bind_callback<&polling_waiter::wake>(this)), poll_(poll) {}

 private:
  void wake() noexcept { poll_.signal(); }
  io::signal_poll& poll_;
};

}  // namespace monocoque::engine
