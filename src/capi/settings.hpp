#pragma once

#include <monocoque/curve_keys.hpp>
#include <monocoque/options.hpp>

#include <cstdint>
#include <string>

namespace monocoque::capi {

/// The options of a socket as zmq.h has them: the engine's, and what only this face knows.
struct settings {
  settings();

  socket_options engine;  ///< but for `security`, which `secure` puts together

  // Security is told in pieces, of which the last that names a mechanism decides (as in libzmq).
  int mechanism = 0;  ///< ZMQ_NULL, ZMQ_PLAIN, ZMQ_CURVE
  bool as_server = false;
  std::string username{};
  std::string password{};
  curve_public_key public_key{};
  curve_secret_key secret_key{};
  curve_public_key server_key{};

  bytes connect_routing_id{};  ///< of the next peer that is connected to
  bool loopback_fast_path = false;

  // Of transports that there are not here: kept, and told who asks.
  int rate = 100;
  int recovery_interval = 10'000;
  int multicast_unit = 1500;

  /// The engine's, security included. Errors: invalid_argument, if the pieces do not make a whole.
  [[nodiscard]] result<socket_options> complete() const;
};

}  // namespace monocoque::capi
