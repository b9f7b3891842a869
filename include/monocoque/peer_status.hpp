#pragma once

#include <monocoque/message.hpp>

#include <chrono>
#include <memory>
#include <string>

#pragma GCC visibility push(default)

namespace monocoque {

/// One of a socket's peers, as `socket::peers` found it.
struct peer_status {
  std::shared_ptr<const peer_info> info;  ///< the very object that its messages and events refer to
  std::string endpoint;                   ///< the bound or connected endpoint that it came by
  bool dialled = false;                   ///< we connected to it
  /// From the last PING that it answered to the PONG; 0: none so far.
  std::chrono::nanoseconds heartbeat_round_trip{0};
};

}  // namespace monocoque

#pragma GCC visibility pop
