#pragma once

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/detail/task_environment.hpp>
#include <monocoque/message.hpp>
#include <monocoque/result.hpp>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#pragma GCC visibility push(default)

namespace monocoque {

namespace engine {
class operation_state;
class socket_core;
class waiter;
enum class direction : std::uint8_t { send, receive };
}  // namespace engine

namespace detail {

/// A send or a receive that a coroutine waits for: what `async_send` and `async_receive` return. Tries at
/// once and suspends only if it must. Lives in the awaiting coroutine; one await each.
class socket_operation {
 public:
  socket_operation(const socket_operation&) = delete;
  socket_operation& operator=(const socket_operation&) = delete;

  [[nodiscard]] bool await_ready();
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    static_assert(has_environment<Promise>, "socket operations are awaited from a monocoque::task");
    const task_environment& around = coroutine.promise().environment();
    return suspend(coroutine, *around.scheduler, around.stop);
  }

  /// For `socket`, which makes them.
  socket_operation(std::shared_ptr<engine::socket_core> core, message what, time_point deadline);
  socket_operation(std::shared_ptr<engine::socket_core> core, time_point deadline);

 protected:
  ~socket_operation();

  /// The outcome; once.
  result<message> take_received();
  result<void> take_sent();

 private:
  friend class engine::operation_state;
  bool attempt(engine::waiter* joining);
  void fail(errc reason) noexcept { failure_ = reason; }
  bool suspend(std::coroutine_handle<> coroutine, scheduler& home, const std::stop_token& stop);

  std::shared_ptr<engine::socket_core> core_;
  engine::direction direction_;
  message message_;
  error failure_;
  time_point deadline_;
  std::unique_ptr<engine::operation_state> state_;
};

}  // namespace detail

/// `co_await socket.async_send(message)`: nothing, or throws.
class [[nodiscard]] send_operation final : public detail::socket_operation {
 public:
  using socket_operation::socket_operation;
  void await_resume() { take_sent().value(); }
};

/// `co_await socket.async_send(as_result, message)`: result<void>.
class [[nodiscard]] send_result_operation final : public detail::socket_operation {
 public:
  using socket_operation::socket_operation;
  result<void> await_resume() { return take_sent(); }
};

/// `co_await socket.async_receive()`: the message, or throws.
class [[nodiscard]] receive_operation final : public detail::socket_operation {
 public:
  using socket_operation::socket_operation;
  [[nodiscard]] message await_resume() { return take_received().value(); }
};

/// `co_await socket.async_receive(as_result)`: result<message>.
class [[nodiscard]] receive_result_operation final : public detail::socket_operation {
 public:
  using socket_operation::socket_operation;
  [[nodiscard]] result<message> await_resume() { return take_received(); }
};

/// `co_await socket.async_receive_for(timeout)`: the message or none, or throws.
class [[nodiscard]] receive_for_operation final : public detail::socket_operation {
 public:
  using socket_operation::socket_operation;
  [[nodiscard]] std::optional<message> await_resume() {
    result<message> received = take_received();
    if (!received && received.error() == errc::timed_out) return std::nullopt;
    return std::move(received).value();
  }
};

}  // namespace monocoque

#pragma GCC visibility pop
