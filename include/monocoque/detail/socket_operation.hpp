#pragma once

#include <monocoque/detail/lanes.hpp>
#include <monocoque/detail/scheduler.hpp>
#include <monocoque/detail/task_environment.hpp>
#include <monocoque/message.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>

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
/// once and suspends only if it must. Lives in the awaiting coroutine; one await each, while the socket is
/// there. The socket's own timeout, if no other is given, counts from the await on.
class socket_operation {
 public:
  socket_operation(const socket_operation&) = delete;
  socket_operation& operator=(const socket_operation&) = delete;

  [[nodiscard]] bool await_ready() {
    if (direction_ == engine::direction::send ? lanes_.out.put(message_) : lanes_.in.ready()) return true;
    return is_ready();
  }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    static_assert(has_environment<Promise>, "socket operations are awaited from a monocoque::task");
    const task_environment& around = coroutine.promise().environment();
    return suspend(coroutine, *around.scheduler, around.stop);
  }

  /// For `socket`, which makes them. No `timeout`: the socket's.
  socket_operation(engine::socket_core& core, lanes& shortcuts, message&& what) noexcept
      : core_(core), lanes_(shortcuts), direction_(engine::direction::send), message_(std::move(what)) {}
  explicit socket_operation(engine::socket_core& core, lanes& shortcuts,
                            std::optional<std::chrono::milliseconds> timeout = std::nullopt) noexcept
      : core_(core), lanes_(shortcuts), direction_(engine::direction::receive), timeout_(timeout) {}

 protected:
  ~socket_operation() {
    if (state_ != nullptr) abandon();
  }

  // The outcome; once.
  // A message that lies ready in the lane is decoded in the caller's place.
  message received_or_throw() {
    message got;
    if (has_outcome_ || !lanes_.in.take(got)) {
      if (failure_) throw exception(failure_);
      got = std::move(message_);
    }
    return got;
  }
  result<message> take_received() {
    message got;
    if (has_outcome_ || !lanes_.in.take(got)) {
      if (failure_) return std::move(failure_);
      got = std::move(message_);
    }
    return got;
  }
  void throw_unless_sent() const {
    if (failure_) throw exception(failure_);
  }
  result<void> take_sent() {
    if (failure_) return std::move(failure_);
    return {};
  }
  /// Sends from the caller's memory at once, or else keeps a copy to be sent later.
  bool put_or_keep(std::span<const std::byte> payload) {
    if (lanes_.out.put(payload)) return true;
    message_ = payload;
    return is_ready();
  }

 private:
  friend class engine::operation_state;
  bool is_ready();
  bool attempt(engine::waiter* joining);
  bool settle(errc failed);
  void fail(errc reason) noexcept { failure_ = reason; }
  bool suspend(std::coroutine_handle<> coroutine, scheduler& home, const std::stop_token& stop);
  void abandon() noexcept;

  engine::socket_core& core_;
  lanes& lanes_;
  engine::direction direction_;
  bool has_outcome_ = false;  // in message_ or failure_
  message message_;
  error failure_;
  std::optional<std::chrono::milliseconds> timeout_;
  engine::operation_state* state_ = nullptr;  // owned; once it is suspended
};

}  // namespace detail

/// `co_await socket.async_send(message)`: nothing, or throws.
class [[nodiscard]] send_operation final : public detail::socket_operation {
 public:
  using socket_operation::socket_operation;
  void await_resume() { throw_unless_sent(); }
};

/// `co_await socket.async_send(text)`: the same, from the caller's memory.
class [[nodiscard]] send_payload_operation final : public detail::socket_operation {
 public:
  send_payload_operation(engine::socket_core& core, detail::lanes& lanes,
                         std::span<const std::byte> payload) noexcept
      : socket_operation(core, lanes, message()), payload_(payload) {}
  [[nodiscard]] bool await_ready() { return put_or_keep(payload_); }
  void await_resume() { throw_unless_sent(); }

 private:
  std::span<const std::byte> payload_;
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
  [[nodiscard]] message await_resume() { return received_or_throw(); }
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
