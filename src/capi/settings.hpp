#pragma once

#include <monocoque/curve_keys.hpp>
#include <monocoque/options.hpp>
#include <monocoque/socket_type.hpp>

#include <cstdint>
#include <string>

namespace monocoque::capi {

/// The options of a socket as zmq.h has them: the engine's, and what only this face knows.
struct settings {
  explicit settings(socket_type of);

  socket_type type;
  socket_options engine;  ///< but for `security`, which `secure` puts together

  // Security is told in pieces, of which the last that names a mechanism decides (as in libzmq).
  int mechanism = 0;  ///< ZMQ_NULL, ZMQ_PLAIN, ZMQ_CURVE
  bool as_server = false;
  std::string username{};
  std::string password{};
  curve_public_key public_key{};
  curve_secret_key secret_key{};
  curve_public_key server_key{};

  bool conflate = false;               ///< what it was set to; types that cannot do it take it all the same
  std::int64_t max_message_size = -1;  ///< as it was set: all that is negative is no limit
  int busy_poll = 0;                   ///< the same
  bytes connect_routing_id{};          ///< of the next peer that is connected to
  bool loopback_fast_path = false;
  bool router_raw = false;  ///< a ROUTER that is a STREAM

  // Of libzmq's own buffers, and of transports that there are not here: kept, and told who asks.
  int rate = 100;
  int recovery_interval = 10'000;
  int multicast_unit = 1500;
  int in_batch_size = 8192;
  int out_batch_size = 8192;

  /// Of the engine's socket that goes by them, and its options without security.
  [[nodiscard]] socket_type engine_type() const noexcept { return router_raw ? socket_type::stream : type; }
  [[nodiscard]] socket_options engine_options() const;
  /// The engine's, security included. Errors: invalid_argument, if the pieces do not make a whole.
  [[nodiscard]] result<socket_options> complete() const;
};

}  // namespace monocoque::capi
