#pragma once

#include "transport/listener.hpp"

namespace monocoque::transport {

/// The ipc half of listen_on(), same contract.
///
/// How a live socket is never stolen, with no litter: bind() itself refuses a path that exists, so the only
/// danger is in replacing a file that looks dead. What is there is looked at (a socket?) and connected to;
/// refused means that nobody listens. Two binders that replace at once, or one that meets another between its
/// bind() and its listen(), could still harm each other: so all of it happens under an flock of the folder.
/// Left open: a foreign program between its own bind() and listen(), and folders that cannot be locked (see
/// folder_lock).
[[nodiscard]] result<listening_socket> listen_on_ipc(const endpoint& where, const socket_address& at,
                                                     const stream_options& options);

}  // namespace monocoque::transport
