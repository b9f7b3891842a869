#pragma once

#include "engine/socket_core.hpp"
#include "engine/waiters.hpp"
#include "io/signal_poll.hpp"

#include <memory>
#include <mutex>

namespace monocoque::capi {

/// ZMQ_FD: a descriptor that becomes readable when ZMQ_EVENTS may have changed, for the event loops of
/// others. It is no more than that, as with libzmq: whoever is woken looks at ZMQ_EVENTS, which makes it
/// unreadable, and goes on until a call answers EAGAIN or ZMQ_EVENTS has nothing. Thread-safe.
class event_descriptor {
 public:
  [[nodiscard]] static result<std::unique_ptr<event_descriptor>> make(
      std::shared_ptr<engine::socket_core> core);
  ~event_descriptor();
  event_descriptor(const event_descriptor&) = delete;
  event_descriptor& operator=(const event_descriptor&) = delete;

  [[nodiscard]] int fd() const noexcept { return signals_->fd(); }
  /// Makes it unreadable: somebody looks at ZMQ_EVENTS.
  void begin_anew() noexcept { signals_->consume(); }
  /// It is to become readable when a message can go this way, at once if one can now.
  void arm(engine::direction way) noexcept;

 private:
  event_descriptor(std::shared_ptr<engine::socket_core> core, std::unique_ptr<io::signal_poll> signals);
  void wake() noexcept { signals_->signal(); }

  const std::shared_ptr<engine::socket_core> core_;
  const std::unique_ptr<io::signal_poll> signals_;
  std::mutex mutex_;  // so that no waiter joins twice
  engine::waiter reader_;
  engine::waiter writer_;
};

}  // namespace monocoque::capi
