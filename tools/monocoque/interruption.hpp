#pragma once

#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>

namespace tool {

/// Puts something that answers with EBADF in the place of each of descriptors 0 to 2 that is closed, or else
/// the next one to be opened would be taken for standard input or output. First of all in `main`.
void keep_standard_descriptors();

/// Turns what ends a command from outside into a stop request: SIGINT, SIGTERM, SIGHUP, and a reader of
/// standard output that has gone (`| head`). A second signal ends the process at once,
/// unless it comes so soon that it belongs to the first (a key pressed twice, a terminal and a script).
///
/// Made first in `main`, once: it blocks these signals for all threads that are started later, and ignores
/// SIGPIPE.
class interruption {
 public:
  interruption();
  ~interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }
  /// The signal that came, or 0.
  [[nodiscard]] int signal() const noexcept { return signal_; }
  /// Makes standard output's end a reason to stop (off at first: children and servers may have none).
  void watch_output() noexcept;

 private:
  void watch() noexcept;
  void take_signal() noexcept;

  std::stop_source source_;
  std::atomic<int> signal_{0};
  std::chrono::steady_clock::time_point signalled_at_;  // the watcher's
  std::atomic<bool> watching_output_{false};
  std::atomic<bool> ending_{false};
  int signals_ = -1;  // signalfd
  int wake_ = -1;     // eventfd: look at the flags again
  std::thread watcher_;
};

/// Undoes for a child between fork and exec what the constructor of `interruption` did.
void restore_signals() noexcept;

}  // namespace tool
