#pragma once

#include "transport/address.hpp"
#include "transport/endpoint.hpp"
#include "transport/stream_options.hpp"
#include "transport/unique_fd.hpp"

#include <monocoque/result.hpp>

namespace monocoque::transport {

/// A socket that is ready to be connected to `target` (by io's connector), which nobody has tried yet.
struct dialled {
  unique_fd fd;
  socket_address target;
};

/// A socket to connect to `target`, one of what resolve(where, purpose::connect, ...) returned: non-blocking,
/// close-on-exec, options set, bound to the endpoint's source address if it has one. Does not block. A source
/// that has no address of the target's family is an error here, so the next target may do.
[[nodiscard]] result<dialled> open_dialer(const endpoint& where, const socket_address& target,
                                          const stream_options& options);

/// True if `fd`, just connected, is connected to itself: TCP does that when the port dialled, free at that
/// moment, is one the system also hands out to those who connect. Close it and count it as refused, or it
/// will hold the port that the peer wants to bind.
[[nodiscard]] bool is_self_connected(int fd) noexcept;

}  // namespace monocoque::transport
