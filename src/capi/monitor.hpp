#pragma once

#include "engine/event_queue.hpp"
#include "engine/socket_core.hpp"
#include "io/kept_work.hpp"
#include "io/loop.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace monocoque::capi {

/// What zmq_socket_monitor sets up: takes a socket's events from their queue as they come, on the context's
/// loop, and sends them in libzmq's form through a PAIR that is bound over inproc. Whoever does not read them
/// loses the newest. Ends when the monitored socket is over, or is told to. Thread-safe.
class monitor_feed final : public std::enable_shared_from_this<monitor_feed> {
 public:
  /// `out` is closed at the end.
  monitor_feed(std::shared_ptr<engine::event_queue> from, std::shared_ptr<engine::socket_core> out,
               std::uint64_t wanted);

  void begin();
  /// What has happened so far is sent, then ZMQ_EVENT_MONITOR_STOPPED, and no more.
  void stop() noexcept;

 private:
  void on_event() noexcept;
  void pump() noexcept;
  void send_what_there_is();
  void tell(const event& happened);
  void end() noexcept;
  void send(std::uint64_t kind, std::uint64_t value, const std::string& endpoint);

  const std::shared_ptr<engine::event_queue> from_;
  const std::shared_ptr<engine::socket_core> out_;
  const std::uint64_t wanted_;
  io::kept_work pumping_{io::bind_callback<&monitor_feed::pump>(this)};
  std::mutex mutex_;
  bool over_ = false;
  std::set<std::string> lost_;     // endpoints whose last event was the end of a connection
  std::set<std::string> dialled_;  // endpoints that the socket connects to
};

}  // namespace monocoque::capi
