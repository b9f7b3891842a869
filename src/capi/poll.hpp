#pragma once

#include "capi/c_socket.hpp"
#include "io/loop.hpp"

#include <zmq.h>

#include <csignal>
#include <span>

namespace monocoque::capi {

/// The end of `timeout_ms` milliseconds from now; negative: never.
[[nodiscard]] io::time_point deadline_after(long timeout_ms);

/// Fills in `revents` of each item and answers how many have some, waiting until `until` for the first.
/// `mask` as in ppoll(2). -1, with `errno` set: ENOTSOCK, ETERM, EINTR, or the system's.
int poll(std::span<zmq_pollitem_t> items, io::time_point until, const ::sigset_t* mask = nullptr);

}  // namespace monocoque::capi
