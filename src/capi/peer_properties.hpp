#pragma once

#include <monocoque/message.hpp>

namespace monocoque::capi {

/// The property of a message's sender that zmq_msg_gets has by this name, as a C string that lives as long as
/// `of`: "Socket-Type", "Routing-Id" and "Identity", "Peer-Address", "User-Id", and what it sent of metadata
/// besides. Null: it has none. What is in a value behind a byte of 0 cannot be seen.
[[nodiscard]] const char* property_of(const peer_info& of, const char* name);

}  // namespace monocoque::capi
