#pragma once

#include <csignal>
#include <pthread.h>

namespace monocoque::io {

/// While it lives, this thread has all signals blocked, and so have the threads it starts: the application's
/// signals are not for them.
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace monocoque::io
