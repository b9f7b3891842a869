#pragma once

#include <monocoque/bytes.hpp>

#include <cstdint>

#pragma GCC visibility push(default)

namespace monocoque {

class message;

/// SERVER and PEER: the number of the connection that a received message has come from, or that one is
/// addressed to, which is in its first frame; 0 if that is none.
[[nodiscard]] std::uint32_t routing_id_of(const message& addressed) noexcept;
/// SERVER and PEER: the frame that goes in front of a message for that connection:
/// `server.send({routing_id_frame(id), "hello"})`. Four octets in network order.
[[nodiscard]] bytes routing_id_frame(std::uint32_t routing_id) noexcept;

}  // namespace monocoque

#pragma GCC visibility pop
