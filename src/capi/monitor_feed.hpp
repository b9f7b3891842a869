#pragma once

#include "engine/event_queue.hpp"
#include "engine/queue_lengths.hpp"
#include "engine/socket_core.hpp"
#include "io/kept_work.hpp"
#include "io/loop.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace monocoque::capi {

/// What zmq_socket_monitor sets up: takes a socket's events from their queue as they come, on the context's
/// loop, and sends them in libzmq's form through a socket that is bound over inproc. Whoever does not read
/// them loses the newest. Ends when the monitored socket is over, or is told to. Thread-safe.
class monitor_feed final : public std::enable_shared_from_this<monitor_feed> {
 public:
  /// How an event looks. The first has 16 bits for its number, one value of 32, and one end of the
  /// connection; the second has 64 bits each, several values, and both ends.
  enum class format : std::uint8_t { first = 1, second = 2 };

  /// `wanted`: a bit for each event, as zmq.h has them. `out`, a PAIR, PUB or PUSH, is closed at the end.
  monitor_feed(std::shared_ptr<engine::event_queue> from, std::shared_ptr<engine::socket_core> out,
               std::uint64_t wanted, format form);

  void begin();
  [[nodiscard]] bool wants(std::uint64_t kind) const noexcept { return (kind & wanted_) != 0; }
  /// Tells of them after what has happened so far.
  void tell_lengths(std::span<const engine::queue_lengths> all);
  /// What has happened so far is sent, then ZMQ_EVENT_MONITOR_STOPPED, and no more.
  void stop() noexcept;

 private:
  void on_event() noexcept;
  void pump() noexcept;
  void send_what_there_is();
  void tell(const event& happened);
  void end() noexcept;
  void send(std::uint64_t kind, std::span<const std::uint64_t> values, const event& about);
  void send(std::uint64_t kind, std::uint64_t value, const event& about) { send(kind, {&value, 1}, about); }

  const std::shared_ptr<engine::event_queue> from_;
  const std::shared_ptr<engine::socket_core> out_;
  const std::uint64_t wanted_;
  const format form_;
  io::kept_work pumping_{io::bind_callback<&monitor_feed::pump>(this)};
  std::mutex mutex_;
  bool over_ = false;
  std::set<std::string> lost_;  // endpoints whose last event was the end of a connection
};

}  // namespace monocoque::capi
