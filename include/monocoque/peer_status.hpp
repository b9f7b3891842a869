#pragma once

#include <monocoque/message.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#pragma GCC visibility push(default)

namespace monocoque {

/// One of a socket's peers, as `socket::peers` found it.
struct peer_status {
  std::shared_ptr<const peer_info> info;  ///< the very object that its messages and events refer to
  std::string endpoint;                   ///< the bound or connected endpoint that it came by
  bool dialled = false;                   ///< we connected to it
  /// From a PING that it answered to the PONG, of the last one that was timed; 0: none so far. One is timed
  /// at a time: where answers take longer than the interval, not each.
  std::chrono::nanoseconds heartbeat_round_trip{0};
  std::uint64_t heartbeats = 0;  ///< timed on this connection
};

}  // namespace monocoque

#pragma GCC visibility pop
