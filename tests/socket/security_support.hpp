#pragma once

#include "tests/socket/support.hpp"

#include <string>
#include <utility>

/// What the tests of secured sockets share.
namespace monocoque::test {

/// Keys of a server and of a client that knows it; none in a build without CURVE.
struct curve_keys {
  curve_keypair server_keys = has_curve() ? curve_keypair::generate() : curve_keypair();
  curve_keypair client_keys = has_curve() ? curve_keypair::generate() : curve_keypair();
  [[nodiscard]] curve_server server() const { return {server_keys}; }
  [[nodiscard]] curve_client client() const {
    return {.server = server_keys.public_key, .keys = client_keys};
  }
};

inline socket_options secured(security_mechanism how, authenticator who = {}) {
  socket_options options;
  options.linger = std::chrono::milliseconds(0);
  options.security = std::move(how);
  options.authenticate = std::move(who);
  options.reconnect_interval_denied = std::chrono::milliseconds(20);
  return options;
}

/// Lets in who knows this password.
inline authenticator password_is(std::string wanted) {
  return [wanted = std::move(wanted)](const auth_request& about) {
    return about.password == wanted ? auth_verdict::allow(about.username)
                                    : auth_verdict::deny("wrong password");
  };
}

}  // namespace monocoque::test
