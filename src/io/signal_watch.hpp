#pragma once

#include <atomic>
#include <csignal>
#include <initializer_list>
#include <stop_token>
#include <thread>

namespace monocoque::io {

/// Waits for signals in a thread of its own and makes a stop request of the first. Between its construction
/// and its end, which belong to one thread, the signals are blocked there and in threads that were made
/// meanwhile.
class signal_watch {
 public:
  /// Throws std::system_error.
  signal_watch(std::initializer_list<int> signals);
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }
  [[nodiscard]] int first() const noexcept { return first_.load(); }

 private:
  void wait_for_signals() noexcept;
  void take_one() noexcept;

  sigset_t watched_{};
  sigset_t before_{};
  int signals_ = -1;
  int end_ = -1;
  std::stop_source source_;
  std::atomic<int> first_{0};
  std::thread thread_;
};

}  // namespace monocoque::io
