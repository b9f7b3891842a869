#pragma once

#include "base/ring.hpp"
#include "io/callback.hpp"
#include "io/intrusive_list.hpp"

#include <monocoque/event.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace monocoque::engine {

class context_core;
class event_waiter;

/// The events that a monitor has not taken yet. Shared by the socket, which adds, and the monitor, which
/// takes: threads and coroutines. Thread-safe; its mutex is a leaf. Keeps the newest `capacity` and counts
/// what it dropped, for this or for want of memory. What comes often (high-water marks, drops) is added up
/// while nobody takes it. In a child process takers get errc::forked.
class event_queue {
 public:
  static constexpr std::size_t capacity = 1000;
  /// So many need no memory but their own.
  static constexpr std::size_t always_room = 8;

  /// Of a socket of that context; of none in tests.
  explicit event_queue(std::weak_ptr<context_core> of = {});
  /// False if there is no memory for it: it is missed. There is some for the first few.
  bool push(event&& happened) noexcept;
  bool push(const event& happened) noexcept;
  /// Something happened that there is no memory to tell of.
  void note_missed() noexcept;
  /// No more will come; waiting takers get errc::closed once it is empty.
  void finish() noexcept;
  /// Waits. In an inline context the calling thread runs the loop meanwhile. Errors: closed, cancelled,
  /// timed_out, forked, and on a thread that runs one of the context's loops would_deadlock.
  [[nodiscard]] result<event> take(std::chrono::milliseconds timeout, const std::stop_token& stop);
  [[nodiscard]] std::optional<event> try_take();

  /// For who is neither a thread nor a coroutine: `hear` is called at each event and at the end, and at once
  /// if there is something already. It is called with the socket and the queue locked, so all that it may do
  /// is to have the work done elsewhere. `keep` is what it belongs to. One listener at a time.
  void listen(io::callback<> hear, std::shared_ptr<void> keep);
  void stop_listening() noexcept;
  /// No more will come, and all was taken.
  [[nodiscard]] bool is_over() noexcept;

  /// For coroutines: the next event, or errc::closed at the end. None: nothing yet; then `joining`, if there
  /// is one, is woken once when there may be something.
  [[nodiscard]] std::optional<result<event>> take_or_join(event_waiter* joining) noexcept;
  /// False if it has been woken, or soon is.
  [[nodiscard]] bool leave(event_waiter& leaving) noexcept;

 private:
  [[nodiscard]] bool is_foreign() const noexcept;
  [[nodiscard]] event pop() noexcept;
  void add(event&& happened);
  [[nodiscard]] bool add_up(const event& happened) noexcept;
  void wake_all() noexcept;
  [[nodiscard]] result<event> sleep(std::chrono::steady_clock::time_point deadline,
                                    const std::stop_token& stop);
  [[nodiscard]] result<event> drive(context_core& context, std::chrono::steady_clock::time_point deadline,
                                    const std::stop_token& stop);

  const std::weak_ptr<context_core> context_;
  const unsigned made_in_;  // which process, by the count of forks
  std::mutex mutex_;
  std::condition_variable_any changed_;
  base::ring<event> events_;
  std::uint64_t missed_ = 0;  // since the last one that was added
  io::intrusive_list<event_waiter> waiting_;
  io::callback<> listener_{};
  std::shared_ptr<void> listener_keeps_;  // null: there is none
  bool finished_ = false;
};

}  // namespace monocoque::engine
