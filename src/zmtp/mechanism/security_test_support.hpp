#pragma once

#include "zmtp/connection_test_support.hpp"

#include <string>
#include <utility>

/// Two connections with security, and the settings of each.
namespace monocoque::zmtp::testing {

inline config secured(security_mechanism how, bool accepted, socket_type type = socket_type::dealer) {
  config settings = listener::settings_for(type, accepted);
  settings.security = std::move(how);
  return settings;
}

/// A server that lets everybody in whose claim is seen, and a client, both with the handshake done if it can
/// be. The client connects, the server accepts, or the other way round.
struct secured_pair {
  secured_pair(security_mechanism of_server, security_mechanism of_client, bool server_accepts = true)
      : server(secured(std::move(of_server), server_accepts)),
        client(secured(std::move(of_client), !server_accepts)) {}

  void shake_hands(verdict decided = {}, std::size_t piece = SIZE_MAX) {
    pump(server, client, piece);
    server.peer.handle_verdict(std::move(decided));
    server.drain();
    pump(server, client, piece);
  }

  listener server;
  listener client;
};

/// Both sides of CURVE, drawn anew.
struct curve_sides {
  curve_keypair server_keys = curve_keypair::generate();
  curve_keypair client_keys = curve_keypair::generate();
  [[nodiscard]] curve_server server() const { return {server_keys}; }
  [[nodiscard]] curve_client client() const {
    return {.server = server_keys.public_key, .keys = client_keys};
  }
};

}  // namespace monocoque::zmtp::testing
