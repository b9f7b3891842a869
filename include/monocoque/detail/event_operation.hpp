#pragma once

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/detail/task_environment.hpp>
#include <monocoque/event.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

namespace engine {
class event_queue;
class event_waiter;
}  // namespace engine

namespace detail {

/// A coroutine's wait for the next event of a monitor. Lives in the awaiting coroutine; one await each. It
/// keeps the queue, so the monitor may go meanwhile.
class event_operation {
 public:
  /// For `monitor`, which makes them. No `timeout`: for ever.
  event_operation(std::shared_ptr<engine::event_queue> queue,
                  std::optional<std::chrono::milliseconds> timeout) noexcept
      : queue_(std::move(queue)), timeout_(timeout) {}
  event_operation(const event_operation&) = delete;
  event_operation& operator=(const event_operation&) = delete;

  [[nodiscard]] bool await_ready() { return attempt(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    static_assert(has_environment<Promise>, "events are awaited from a monocoque::task");
    const task_environment& around = coroutine.promise().environment();
    return suspend(coroutine, *around.scheduler, around.stop);
  }

 protected:
  ~event_operation();
  [[nodiscard]] result<event> take() { return std::move(*outcome_); }

 private:
  friend class engine::event_waiter;
  bool attempt();
  bool suspend(std::coroutine_handle<> coroutine, scheduler& home, const std::stop_token& stop);

  std::shared_ptr<engine::event_queue> queue_;
  std::optional<std::chrono::milliseconds> timeout_;
  std::optional<result<event>> outcome_;
  engine::event_waiter* waiter_ = nullptr;  // owned; while it is suspended
};

}  // namespace detail

/// `co_await monitor.async_receive()`: the event, or throws.
class [[nodiscard]] receive_event_operation final : public detail::event_operation {
 public:
  using event_operation::event_operation;
  [[nodiscard]] event await_resume() { return take().value(); }
};

/// `co_await monitor.async_receive(as_result)`: result<event>.
class [[nodiscard]] receive_event_result_operation final : public detail::event_operation {
 public:
  using event_operation::event_operation;
  [[nodiscard]] result<event> await_resume() { return take(); }
};

/// `co_await monitor.async_receive_for(timeout)`: the event or none, or throws.
class [[nodiscard]] receive_event_for_operation final : public detail::event_operation {
 public:
  using event_operation::event_operation;
  [[nodiscard]] std::optional<event> await_resume() {
    result<event> taken = take();
    if (!taken && taken.error() == errc::timed_out) return std::nullopt;
    return std::move(taken).value();
  }
};

}  // namespace monocoque

#pragma GCC visibility pop
