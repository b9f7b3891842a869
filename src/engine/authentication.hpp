#pragma once

#include "zmtp/mechanism/claim.hpp"

#include <monocoque/authentication.hpp>
#include <monocoque/options.hpp>

#include <optional>
#include <stop_token>
#include <string>

namespace monocoque::engine {

class context_core;
class link;

/// The IP address in a peer's address, of tcp; else empty.
[[nodiscard]] std::string host_in(std::string_view peer_address);

/// What is asked about the peer of a link.
[[nodiscard]] auth_request describe_peer(const link& asking, zmtp::claim shown);

/// Has somebody decide about it, who will answer: the socket's authenticator or the context's ZAP handler; or
/// answers itself. On the link's loop, without a monitor held. `stop`: nobody waits for the answer any more.
void decide(context_core& context, const socket_options& options, auth_request about,
            const auth_answer& answer, std::stop_token stop);

[[nodiscard]] zmtp::verdict to_zmtp(auth_verdict decided);

}  // namespace monocoque::engine
