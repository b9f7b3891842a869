#pragma once

#include "zmtp/heartbeat.hpp"
#include "zmtp/limits.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/security.hpp>
#include <monocoque/socket_type.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace monocoque::zmtp {

class cookie_keys;

struct config {
  bool as_server = false;  ///< the side that accepted
  monocoque::socket_type socket_type = socket_type::pair;
  bytes routing_id;                             ///< announced as Identity, at most 255 bytes; empty: none
  std::map<std::string, std::string> metadata;  ///< own properties (names "X-..."), sent in READY
  security_mechanism security;                  ///< of this side; the peer must have what goes with it
  bool authenticates = false;            ///< without security: a verdict is wanted of each peer all the same
  std::shared_ptr<cookie_keys> cookies;  ///< of a CURVE server, for all its connections; null: its own
  zmtp::limits limits;
  heartbeat_terms heartbeats;  ///< for the owner of the connection, which keeps the time
  std::chrono::milliseconds handshake_timeout{30'000};  ///< for the whole handshake; 0: none
};

}  // namespace monocoque::zmtp
