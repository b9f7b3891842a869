#pragma once

#include <monocoque/detail/event_operation.hpp>
#include <monocoque/event.hpp>
#include <monocoque/result.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

/// The events of one socket from the moment it was made by `socket::monitor`. Never holds the socket up:
/// keeps at most 1000 events, the newest, and counts what it lost, also for want of memory. Ends
/// (errc::closed) when the socket is closed and all events are taken. Thread-safe.
class monitor {
 public:
  explicit monitor(std::shared_ptr<engine::event_queue> queue) noexcept : queue_(std::move(queue)) {}
  /// Waits for the next event; in an inline context by running its loop. Errors: closed, cancelled, forked,
  /// and would_deadlock in a coroutine, which awaits async_receive instead.
  [[nodiscard]] result<event> receive(as_result_tag, std::stop_token stop = {});
  /// Errors also: timed_out.
  [[nodiscard]] result<event> receive_for(as_result_tag, std::chrono::milliseconds timeout,
                                          std::stop_token stop = {});
  [[nodiscard]] event receive(std::stop_token stop = {}) {
    return receive(as_result, std::move(stop)).value();
  }
  /// The next event if there is one. Throws errc::forked.
  [[nodiscard]] std::optional<event> try_receive();

  /// `event e = co_await m.async_receive();` Several may wait; each event goes to one of them. Errors:
  /// closed, cancelled (the coroutine was asked to stop), forked.
  [[nodiscard]] receive_event_operation async_receive() {
    return receive_event_operation(queue_, std::nullopt);
  }
  [[nodiscard]] receive_event_result_operation async_receive(as_result_tag) {
    return receive_event_result_operation(queue_, std::nullopt);
  }
  /// With a deadline: `std::optional<event>`, none at the deadline.
  [[nodiscard]] receive_event_for_operation async_receive_for(std::chrono::milliseconds timeout) {
    return receive_event_for_operation(queue_, timeout);
  }

 private:
  std::shared_ptr<engine::event_queue> queue_;
};

}  // namespace monocoque

#pragma GCC visibility pop
