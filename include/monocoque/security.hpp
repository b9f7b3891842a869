#pragma once

#include <monocoque/curve_keys.hpp>

#include <string>
#include <variant>

#pragma GCC visibility push(default)

namespace monocoque {

// The security mechanisms of a socket (docs/security.md). A socket has one, on all its connections, those
// that it accepts and those that it makes, and never talks to a peer with another: with PLAIN and CURVE one
// side must be a client and the other a server. Which one binds does not matter. Over inproc, inside one
// process, there is none.

/// NULL (RFC 37): nobody proves anything, nothing is hidden.
struct no_security {
  friend bool operator==(const no_security&, const no_security&) = default;
};

/// PLAIN (RFC 24): shows a name and a password, which whoever sees the traffic can read. The password is
/// wiped with the object.
struct plain_client {
  std::string username{};  ///< up to 255 bytes
  std::string password{};  ///< up to 255 bytes
  ~plain_client();
  friend bool operator==(const plain_client&, const plain_client&) = default;
};
/// Checks them: with socket_options::authenticate or a ZAP handler, without which every peer is refused.
struct plain_server {
  friend bool operator==(const plain_server&, const plain_server&) = default;
};

/// CURVE (RFC 25, 26): both sides prove that they have their secret keys, everything is encrypted and
/// authenticated, and what was recorded cannot be read when keys become known later.
struct curve_client {
  curve_public_key server;                         ///< the one to talk to; nobody else can answer
  curve_keypair keys = curve_keypair::generate();  ///< what the server knows us by
  friend bool operator==(const curve_client&, const curve_client&) = default;
};
/// Peers with any key may connect unless socket_options::authenticate or a ZAP handler says otherwise.
struct curve_server {
  curve_keypair keys;
  friend bool operator==(const curve_server&, const curve_server&) = default;
};

using security_mechanism = std::variant<no_security, plain_client, plain_server, curve_client, curve_server>;

}  // namespace monocoque

#pragma GCC visibility pop
