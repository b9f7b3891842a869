#pragma once

#include "zmtp/config.hpp"
#include "zmtp/octets.hpp"

#include <monocoque/message.hpp>
#include <monocoque/result.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// What all mechanisms and versions have in common: which properties are sent, and what is asked of a peer's.
namespace monocoque::zmtp {

inline constexpr std::size_t max_identity = 255;

/// Fails with errc::invalid_argument if what we are to announce cannot be put on the wire.
[[nodiscard]] result<void> check_config(const config& own);

/// Socket-Type, Identity (of REQ, DEALER and ROUTER, also if empty), then our own.
void append_own_metadata(std::vector<std::byte>& out, const config& own);

/// Reads the peer's metadata. Fails if it does not parse, is too large, or if the two socket types may not
/// talk; in the last case `into` is complete all the same. A peer that does not name its type is accepted, as
/// by libzmq.
[[nodiscard]] result<void> read_peer_metadata(octets metadata, const config& own, peer_info& into);

/// May a peer of this type talk to us? None: it named a type that does not exist, shown as `name`.
[[nodiscard]] result<void> check_socket_type(std::optional<socket_type> peer, std::string_view name,
                                             socket_type own);

}  // namespace monocoque::zmtp
