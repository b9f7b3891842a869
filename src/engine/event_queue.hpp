#pragma once

#include <monocoque/event.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace monocoque::engine {

class context_core;
class event_waiter;

/// The events that a monitor has not taken yet. Shared by the socket, which adds, and the monitor, which
/// takes: threads and coroutines. Thread-safe; its mutex is a leaf. Keeps the newest `capacity` and counts
/// what it dropped. What comes often (high-water marks, drops) is added up while nobody takes it.
class event_queue {
 public:
  static constexpr std::size_t capacity = 1000;

  /// Of a socket of that context; of none in tests.
  explicit event_queue(std::weak_ptr<context_core> of = {}) noexcept : context_(std::move(of)) {}
  void push(event happened);
  /// No more will come; waiting takers get errc::closed once it is empty.
  void finish();
  /// Waits. In an inline context the calling thread runs the loop meanwhile. Errors: closed, cancelled,
  /// timed_out, forked, and on a thread that runs one of the context's loops would_deadlock.
  [[nodiscard]] result<event> take(std::chrono::milliseconds timeout, const std::stop_token& stop);
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
  [[nodiscard]] result<event> sleep(std::chrono::steady_clock::time_point deadline,
                                    const std::stop_token& stop);
  [[nodiscard]] result<event> drive(context_core& context, std::chrono::steady_clock::time_point deadline,
                                    const std::stop_token& stop);

  const std::weak_ptr<context_core> context_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<event> events_;
  std::vector<event_waiter*> waiting_;
  bool finished_ = false;
};

}  // namespace monocoque::engine
