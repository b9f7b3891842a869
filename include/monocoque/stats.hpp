#pragma once

#include <monocoque/drop_reason.hpp>
#include <monocoque/event.hpp>
#include <monocoque/message.hpp>
#include <monocoque/socket_type.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// Messages, and their bytes as ZMTP 3 frames: each frame's payload and its header of 2 or 9 bytes. Greetings
/// and commands are not counted. Over inproc nothing is encoded, and bytes are always 0.
struct traffic_count {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// Dropped messages, by reason.
struct drop_counts {
  std::array<std::uint64_t, drop_reason_count> by_reason{};

  [[nodiscard]] std::uint64_t& operator[](drop_reason reason) {
    return by_reason.at(static_cast<std::size_t>(reason));
  }
  [[nodiscard]] std::uint64_t operator[](drop_reason reason) const {
    return by_reason.at(static_cast<std::size_t>(reason));
  }
  [[nodiscard]] std::uint64_t total() const noexcept;
};

/// One peer of a socket, or one endpoint that it connects to and keeps messages for. Counters begin with the
/// peer; where messages are kept they go on over lost connections.
struct peer_stats {
  std::uint64_t id = 0;                     ///< 1, 2, ... in the order in which the socket came to know them
  std::string endpoint{};                   ///< the bound or connected endpoint that it is reached over
  std::shared_ptr<const peer_info> peer{};  ///< who it is; null before the first handshake
  bool connected = false;                   ///< there is a connection, and its handshake is done

  // Counters.
  traffic_count sent{};          ///< written to the kernel, whole; inproc: put into the peer's queue
  traffic_count received{};      ///< whole messages that came in; inproc: that were taken
  drop_counts dropped{};         ///< of messages to it and from it
  std::uint64_t reconnects = 0;  ///< connections to it after the first

  // Gauges.
  traffic_count send_queue{};     ///< accepted from the application and not sent yet
  traffic_count receive_queue{};  ///< received and not taken by the application yet
  std::size_t partial_bytes = 0;  ///< of a long message that has not come in whole yet
  /// How long the last heartbeat took there and back; 0: none was answered yet.
  std::chrono::microseconds round_trip{0};

  /// Bytes held for it: both queues and what has come of a message.
  [[nodiscard]] std::size_t memory_held() const noexcept {
    return static_cast<std::size_t>(send_queue.bytes + receive_queue.bytes) + partial_bytes;
  }
};

/// One socket. The totals count peers that have gone, too.
struct socket_stats {
  std::uint64_t id = 0;  ///< 1, 2, ... in the order in which the context's sockets were made
  socket_type type = socket_type::pair;
  std::string last_endpoint{};  ///< as socket::last_endpoint

  // Counters; as in peer_stats, of all peers.
  traffic_count sent{};
  traffic_count received{};
  drop_counts dropped{};
  std::uint64_t reconnects = 0;
  /// How often each kind of event has happened, monitored or not; see events_of. `dropped` is not counted
  /// here.
  std::array<std::uint64_t, event_kind_count> events{};

  // Gauges.
  traffic_count send_queue{};
  traffic_count receive_queue{};
  std::size_t partial_bytes = 0;
  std::size_t connected_peers = 0;  ///< whose handshake is done

  std::vector<peer_stats> peers{};

  [[nodiscard]] std::uint64_t events_of(event_kind kind) const {
    return events.at(static_cast<std::size_t>(kind));
  }
  /// Bytes held for all peers.
  [[nodiscard]] std::size_t memory_held() const noexcept {
    return static_cast<std::size_t>(send_queue.bytes + receive_queue.bytes) + partial_bytes;
  }
};

/// All sockets of a context that are there, in the order in which they were made.
struct context_stats {
  std::vector<socket_stats> sockets{};
  /// Bytes of receive and send memory that somebody holds (queues, or messages that the application keeps),
  /// and of that which is kept for reuse; by the slab of 64 KB.
  std::size_t slab_bytes_in_use = 0;
  std::size_t slab_bytes_spare = 0;
};

}  // namespace monocoque

#pragma GCC visibility pop
