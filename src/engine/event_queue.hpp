#pragma once

#include <monocoque/event.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace monocoque::engine {

class event_waiter;

/// The events that a monitor has not taken yet. Shared by the socket, which adds, and the monitor, which
/// takes: threads and coroutines. Thread-safe; its mutex is a leaf. Keeps the newest `capacity` and counts
/// what it dropped. What comes often (high-water marks, drops) is added up while nobody takes it.
class event_queue {
 public:
  static constexpr std::size_t capacity = 1000;

  void push(event happened);
  /// No more will come; waiting takers get errc::closed once it is empty.
  void finish();
  [[nodiscard]] result<event> take(std::chrono::steady_clock::time_point deadline,
                                   const std::stop_token& stop);
  [[nodiscard]] std::optional<event> try_take();

  /// For coroutines: the next event, or errc::closed at the end. None: nothing yet; then `joining`, if there
  /// is one, is woken once when there may be something.
  [[nodiscard]] std::optional<result<event>> take_or_join(event_waiter* joining);
  /// False if it has been woken, or soon is.
  [[nodiscard]] bool leave(event_waiter& leaving);

 private:
  [[nodiscard]] event pop();
  [[nodiscard]] bool add_up(const event& happened);
  void wake_all();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<event> events_;
  std::vector<event_waiter*> waiting_;
  bool finished_ = false;
};

}  // namespace monocoque::engine
