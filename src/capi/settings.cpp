#include "capi/settings.hpp"

#include <zmq.h>

namespace monocoque::capi {
namespace {

constexpr int backlog_of_libzmq = 100;

}  // namespace

settings::settings(socket_type of) : type(of) { engine.backlog = backlog_of_libzmq; }

result<socket_options> settings::complete() const {
  socket_options whole = engine;
  if (mechanism == ZMQ_PLAIN) {
    if (as_server) {
      whole.security = plain_server{};
    } else {
      whole.security = plain_client{username, password};
    }
  } else if (mechanism == ZMQ_CURVE) {
    if (secret_key.empty()) return errc::invalid_argument;
    if (as_server) {
      whole.security = curve_server{{secret_key.public_key(), secret_key}};
    } else {
      if (server_key.empty() || public_key.empty()) return errc::invalid_argument;
      whole.security = curve_client{.server = server_key, .keys = {public_key, secret_key}};
    }
  }
  return whole;
}

}  // namespace monocoque::capi
