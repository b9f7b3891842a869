#pragma once

#include <monocoque/detail/lanes.hpp>
#include <monocoque/detail/payload.hpp>
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
#include <string>
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

/// A send or a receive that was not over at once: what it is about, and how it ended. One try or one await
/// each, while the socket is there.
class pending_operation {
 public:
  pending_operation(engine::socket_core& core, message&& what) noexcept
      : core_(core), direction_(engine::direction::send), message_(std::move(what)) {}
  /// The payload stays the caller's, who leaves it as it is until the send is over.
  pending_operation(engine::socket_core& core, std::span<const std::byte> payload) noexcept
      : core_(core), direction_(engine::direction::send), payload_(payload) {}
  /// Sent already; only the loop is to have its turn.
  explicit pending_operation(engine::socket_core& core) noexcept
      : core_(core), direction_(engine::direction::send), done_(true) {}
  pending_operation(engine::socket_core& core, std::optional<std::chrono::milliseconds> timeout) noexcept
      : core_(core), direction_(engine::direction::receive), timeout_(timeout) {}
  ~pending_operation() {
    if (state_ != nullptr) abandon();
  }
  pending_operation(const pending_operation&) = delete;
  pending_operation& operator=(const pending_operation&) = delete;

  /// False if the outcome is there already.
  bool suspend(std::coroutine_handle<> coroutine, scheduler& home, const std::stop_token& stop);

  // The outcome.
  [[nodiscard]] error& failure() noexcept { return failure_; }
  [[noreturn]] void throw_failure();
  [[nodiscard]] message& what() noexcept { return message_; }

 private:
  friend class engine::operation_state;
  friend class socket_operation;
  bool attempt(engine::waiter* joining);
  bool attempt_or_fail(engine::waiter* joining) noexcept;
  bool settle(errc failed);
  [[nodiscard]] error complaint(const error& failed);
  void fail(errc reason) noexcept { failure_ = reason; }
  void abandon() noexcept;

  engine::socket_core& core_;
  engine::direction direction_;
  bool done_ = false;
  message message_;
  std::optional<std::span<const std::byte>> payload_;  // to be sent instead of `message_`
  error failure_;
  std::optional<std::chrono::milliseconds> timeout_;  // none: the socket's
  engine::operation_state* state_ = nullptr;          // owned; once it is suspended
};

/// A send or a receive that a coroutine waits for: what `async_send` and `async_receive` return. Tries at
/// once, over the lane if it can, and suspends only if it must. Lives in the awaiting coroutine; one await
/// each, while the socket is there. The socket's own timeout, if no other is given, counts from the await on.
class socket_operation {
 public:
  socket_operation(const socket_operation&) = delete;
  socket_operation& operator=(const socket_operation&) = delete;

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    static_assert(has_environment<Promise>, "socket operations are awaited from a monocoque::task");
    const task_environment& around = coroutine.promise().environment();
    return pending_->suspend(coroutine, *around.scheduler, around.stop);
  }

 protected:
  socket_operation(engine::socket_core& core, lanes& shortcuts) noexcept : core_(core), lanes_(shortcuts) {}
  ~socket_operation() = default;

  /// True if it is over; without `pending_` it succeeded.
  bool send_now(message& what);
  bool send_now(std::span<const std::byte> payload);
  bool send_now(std::span<const frame_view> frames);
  bool send_adopted_now(std::string&& payload);
  bool send_in_place_now(std::size_t size, const payload_writer& fill);
  bool send_in_place_now(std::span<const std::size_t> sizes, const frames_writer& fill);
  /// False if a send of `size` bytes is, but the loop is to have its turn before the coroutine goes on.
  bool may_go_on(std::size_t size);
  bool receive_now(std::optional<std::chrono::milliseconds> timeout);

  // The outcome; once.
  void throw_unless_sent() {
    if (pending_ && pending_->failure()) pending_->throw_failure();
  }
  result<void> take_sent() {
    if (pending_ && pending_->failure()) return std::move(pending_->failure());
    return {};
  }
  // A message that lies ready in the lane is decoded in the caller's place.
  message received_or_throw() {
    message got;
    if (!pending_) {
      lanes_.in.take_ready(got);
    } else {
      hand_over(got);
    }
    return got;
  }
  result<message> take_received() {
    if (pending_ && pending_->failure()) return std::move(pending_->failure());
    return received_or_throw();
  }

  engine::socket_core& core_;
  lanes& lanes_;

 private:
  void hand_over(message& into);

  std::optional<pending_operation> pending_;  // made only for what the lane cannot do
};

/// The sends of a message, which lives here until it is sent.
class message_send : public socket_operation {
 public:
  /// For `socket`, which makes them.
  message_send(engine::socket_core& core, lanes& shortcuts, message&& what) noexcept
      : socket_operation(core, shortcuts), what_(std::move(what)) {}
  [[nodiscard]] bool await_ready() { return lanes_.out.put(what_) || send_now(what_); }

 private:
  message what_;
};

/// The receives.
class message_receive : public socket_operation {
 public:
  /// For `socket`, which makes them. No `timeout`: the socket's.
  explicit message_receive(engine::socket_core& core, lanes& shortcuts,
                           std::optional<std::chrono::milliseconds> timeout = std::nullopt) noexcept
      : socket_operation(core, shortcuts), timeout_(timeout) {}
  [[nodiscard]] bool await_ready() { return lanes_.in.ready() || receive_now(timeout_); }

 private:
  std::optional<std::chrono::milliseconds> timeout_;
};

}  // namespace detail

/// `co_await socket.async_send(message)`: nothing, or throws.
class [[nodiscard]] send_operation final : public detail::message_send {
 public:
  using message_send::message_send;
  void await_resume() { throw_unless_sent(); }
};

/// `co_await socket.async_send(text)`: the same, from the caller's memory, which stays as it is until then.
class [[nodiscard]] send_payload_operation final : public detail::socket_operation {
 public:
  send_payload_operation(engine::socket_core& core, detail::lanes& lanes,
                         std::span<const std::byte> payload) noexcept
      : socket_operation(core, lanes), payload_(payload) {}
  [[nodiscard]] bool await_ready() { return lanes_.out.put(payload_) || send_now(payload_); }
  void await_resume() { throw_unless_sent(); }

 private:
  std::span<const std::byte> payload_;
};

/// `co_await socket.async_send(std::move(text))`: the same, but a long text's memory is taken over.
class [[nodiscard]] send_text_operation final : public detail::socket_operation {
 public:
  send_text_operation(engine::socket_core& core, detail::lanes& lanes, std::string&& text) noexcept
      : socket_operation(core, lanes), text_(text) {}
  [[nodiscard]] bool await_ready() {
    if (text_.size() >= detail::send_lane::worth_sharing) return send_adopted_now(std::move(text_));
    const std::span<const std::byte> payload = std::as_bytes(std::span(text_));
    return lanes_.out.put(payload) || send_now(payload);
  }
  void await_resume() { throw_unless_sent(); }

 private:
  std::string& text_;
};

/// `co_await socket.async_send(frames)`: the same for several frames in the caller's memory.
class [[nodiscard]] send_frames_operation final : public detail::socket_operation {
 public:
  send_frames_operation(engine::socket_core& core, detail::lanes& lanes,
                        std::span<const frame_view> frames) noexcept
      : socket_operation(core, lanes), frames_(frames) {}
  [[nodiscard]] bool await_ready() { return lanes_.out.put(frames_) || send_now(frames_); }
  void await_resume() { throw_unless_sent(); }

 private:
  std::span<const frame_view> frames_;
};

/// `co_await socket.async_send_in_place(size, fill)`: nothing, or throws.
class [[nodiscard]] send_in_place_operation final : public detail::socket_operation {
 public:
  template <class Fill>
  send_in_place_operation(engine::socket_core& core, detail::lanes& lanes, std::size_t size, Fill& fill)
      : socket_operation(core, lanes), size_(size) {
    over_ = lanes_.out.put_in_place(size, fill);
    if (over_) return;
    sent_ = send_in_place_now(size, detail::payload_writer(fill));
    if (!sent_) what_.emplace(bytes::make(size, fill));
  }
  template <class Fill>
  send_in_place_operation(engine::socket_core& core, detail::lanes& lanes, std::span<const std::size_t> sizes,
                          Fill& fill)
      : socket_operation(core, lanes) {
    over_ = lanes_.out.put_in_place(sizes, fill);
    if (over_) return;
    sent_ = send_in_place_now(sizes, detail::frames_writer(fill));
    if (!sent_) what_.emplace(message::make(sizes, fill));
  }
  [[nodiscard]] bool await_ready() { return over_ || (sent_ ? may_go_on(size_) : send_now(*what_)); }
  void await_resume() { throw_unless_sent(); }

 private:
  std::size_t size_ = 0;  // if it has one frame
  bool over_;
  bool sent_ = false;
  std::optional<message> what_;  // what could not be sent at once
};

/// `co_await socket.async_send(as_result, message)`: result<void>.
class [[nodiscard]] send_result_operation final : public detail::message_send {
 public:
  using message_send::message_send;
  result<void> await_resume() { return take_sent(); }
};

/// `co_await socket.async_receive()`: the message, or throws.
class [[nodiscard]] receive_operation final : public detail::message_receive {
 public:
  using message_receive::message_receive;
  [[nodiscard]] message await_resume() { return received_or_throw(); }
};

/// `co_await socket.async_receive(as_result)`: result<message>.
class [[nodiscard]] receive_result_operation final : public detail::message_receive {
 public:
  using message_receive::message_receive;
  [[nodiscard]] result<message> await_resume() { return take_received(); }
};

/// `co_await socket.async_receive_for(timeout)`: the message or none, or throws.
class [[nodiscard]] receive_for_operation final : public detail::message_receive {
 public:
  using message_receive::message_receive;
  [[nodiscard]] std::optional<message> await_resume() {
    result<message> received = take_received();
    if (!received && received.error() == errc::timed_out) return std::nullopt;
    return std::move(received).value();
  }
};

}  // namespace monocoque

#pragma GCC visibility pop
