#pragma once

#include "transport/address.hpp"
#include "transport/endpoint.hpp"

#include <monocoque/result.hpp>

#include <vector>

namespace monocoque::transport {

/// False for numeric addresses, "*" and ipc: resolve() then returns at once, and may be called on the loop.
[[nodiscard]] bool needs_lookup(const endpoint& where) noexcept;

/// The addresses that `where` stands for, best first, to be tried in turn; at least one. It BLOCKS, for as
/// long as the system's resolver takes, if needs_lookup(where): run it on a worker thread. Thread-safe.
///
/// To bind, a host is an interface first and a name second. `ipv6` off: IPv4 only. `ipv6` on: both, in the
/// system's order (RFC 6724) for a name; IPv6, IPv4, link-local for an interface; "*" is one dual-stack
/// address, or the IPv4 one where the machine has no IPv6. An ipc wildcard gives one unnamed address, for
/// which listen_on() finds a path.
///
/// Errors: errc::resolve_failed, with what the resolver said as detail. EAI_AGAIN is among them: try again
/// later.
[[nodiscard]] result<std::vector<socket_address>> resolve(const endpoint& where, purpose wanted, bool ipv6);

/// The local address to connect from, in `family`: numeric, "*" or an interface, never a look-up by name, so
/// it does not block.
[[nodiscard]] result<socket_address> resolve_source(const tcp_host& source, int family);

}  // namespace monocoque::transport
