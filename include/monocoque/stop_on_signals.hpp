#pragma once

#include <csignal>
#include <initializer_list>
#include <memory>
#include <stop_token>

#pragma GCC visibility push(default)

namespace monocoque {

/// Turns signals into a stop request: hand `token()` to any call that waits, and Ctrl-C ends it with
/// errc::cancelled, or to `context::run`, and it asks the coroutine to stop.
///
/// Make it first thing in `main`: it blocks the signals in the calling thread, and in those made later, and
/// waits for them in a thread of its own. A second signal after the first ends the process as it would have
/// without this object, so that a program that does not stop can be stopped. `token` and `signal` are
/// thread-safe.
class stop_on_signals {
 public:
  /// Throws std::system_error.
  stop_on_signals(std::initializer_list<int> signals = {SIGINT, SIGTERM});
  /// The signals do again what they did before, in the calling thread.
  ~stop_on_signals();
  stop_on_signals(const stop_on_signals&) = delete;
  stop_on_signals& operator=(const stop_on_signals&) = delete;

  [[nodiscard]] std::stop_token token() const noexcept;
  /// The one that came first; 0: none so far.
  [[nodiscard]] int signal() const noexcept;

 private:
  struct watch;
  std::unique_ptr<watch> watch_;
};

}  // namespace monocoque

#pragma GCC visibility pop
