#pragma once

#include <monocoque/monitor.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace monocoque::engine {

/// The events that a monitor has not taken yet. Shared by the socket, which adds, and the monitor, which
/// takes. Thread-safe. Keeps the newest `capacity` and counts what it dropped.
class event_queue {
 public:
  static constexpr std::size_t capacity = 1000;

  void push(event happened);
  /// No more will come; waiting takers get errc::closed once it is empty.
  void finish();
  [[nodiscard]] result<event> take(std::chrono::steady_clock::time_point deadline,
                                   const std::stop_token& stop);
  [[nodiscard]] std::optional<event> try_take();

 private:
  [[nodiscard]] event pop();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<event> events_;
  bool finished_ = false;
};

}  // namespace monocoque::engine
