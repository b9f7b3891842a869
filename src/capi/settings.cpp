#include "capi/settings.hpp"

#include <zmq.h>

namespace monocoque::capi {
namespace {

constexpr int backlog_of_libzmq = 100;

/// As in libzmq a client's keys that are missing or all zeros are no error of connect: the handshake fails.
/// Keys that nobody knows fail likewise, and cannot be mistaken for some by anybody.
curve_client client_with(const curve_public_key& server, const curve_public_key& own,
                         const curve_secret_key& secret) {
  if (!server.empty() && !own.empty() && !secret.empty()) return {.server = server, .keys = {own, secret}};
  const curve_keypair other = curve_keypair::generate();
  return {.server = server.empty() ? other.public_key : server,
          .keys = {own.empty() ? other.public_key : own,
                   secret.empty() ? curve_keypair::generate().secret_key : secret}};
}

}  // namespace

settings::settings(socket_type of) : type(of) { engine.backlog = backlog_of_libzmq; }

socket_options settings::engine_options() const {
  socket_options own = engine;
  if (!router_raw) return own;
  // What a ROUTER may have, and a STREAM not, means nothing where there is no ZMTP.
  const socket_options none;
  own.router_mandatory = none.router_mandatory;
  own.router_handover = none.router_handover;
  own.router_notify_connect = none.router_notify_connect;
  own.router_notify_disconnect = none.router_notify_disconnect;
  own.probe_router = none.probe_router;
  own.hello_message = own.disconnect_message = own.hiccup_message = none.hello_message;
  own.zap_domain = none.zap_domain;
  return own;
}

result<socket_options> settings::complete() const {
  socket_options whole = engine_options();
  if (router_raw) return whole;
  if (mechanism == ZMQ_PLAIN) {
    if (as_server) {
      whole.security = plain_server{};
    } else {
      whole.security = plain_client{username, password};
    }
  } else if (mechanism == ZMQ_CURVE) {
    if (as_server) {
      if (secret_key.empty()) return errc::invalid_argument;
      whole.security = curve_server{{secret_key.public_key(), secret_key}};
    } else {
      whole.security = client_with(server_key, public_key, secret_key);
    }
  }
  return whole;
}

}  // namespace monocoque::capi
