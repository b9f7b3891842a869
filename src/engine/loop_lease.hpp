#pragma once

#include "io/loop.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace monocoque::engine {

/// Who runs the loop of a threaded context: its I/O thread or, for as long as it blocks on a socket, an
/// application thread (design D6: whoever waits does the work, and nobody has to be woken for it).
///
/// The I/O thread stands back while such guests come and go, looks every `patience` whether one was there
/// lately, and takes the loop back if not, or at once when work is posted to a loop that nobody runs, or
/// somebody waits who is no guest. Thread-safe. Needs a loop that threads may run in turn
/// (`loop::may_change_threads`); on another one nobody is let in.
class loop_lease {
 public:
  explicit loop_lease(io::loop& loop);
  loop_lease(const loop_lease&) = delete;
  loop_lease& operator=(const loop_lease&) = delete;

  // -- the I/O thread
  /// Runs the loop, when it is not lent, until `stop`.
  void run();
  /// Any thread.
  void stop() noexcept;

  // -- application threads
  /// True if the calling thread is the one that runs the loop now, until it calls `leave`. False if another
  /// guest is there already or somebody relies on the I/O thread.
  [[nodiscard]] bool enter();
  void leave() noexcept;
  /// From now on until `no_longer` the I/O thread is on duty: somebody waits for it.
  void rely_on_io_thread() noexcept;
  void no_longer() noexcept;

 private:
  static constexpr std::chrono::milliseconds patience{1};

  void take_turn(std::unique_lock<std::mutex>& lock);
  void call_io_thread() noexcept;

  io::loop& loop_;
  const bool lends_;
  std::mutex mutex_;
  std::condition_variable io_thread_;
  std::condition_variable guest_;
  bool io_inside_ = false;
  bool guest_inside_ = false;
  bool guest_waits_ = false;    // for the I/O thread to come out
  bool called_ = false;         // the I/O thread has something to do
  bool waits_for_end_ = false;  // the I/O thread sleeps until the guest leaves
  bool stopped_ = false;
  unsigned relying_ = 0;
  std::uint64_t visits_ = 0;
};

}  // namespace monocoque::engine
