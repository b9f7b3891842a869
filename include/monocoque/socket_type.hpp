#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#pragma GCC visibility push(default)

namespace monocoque {

/// The eleven classic socket types; STREAM, which speaks no ZMTP; and what libzmq has as drafts. The values
/// are libzmq's (ZMQ_PAIR ... ZMQ_CHANNEL).
enum class socket_type : std::uint8_t {
  pair,
  pub,
  sub,
  req,
  rep,
  dealer,
  router,
  pull,
  push,
  xpub,
  xsub,
  stream,
  server,
  client,
  radio,
  dish,
  gather,
  scatter,
  dgram,
  peer,
  channel
};
inline constexpr std::size_t socket_type_count = 21;

/// "PAIR", "PUB", ... as in the Socket-Type property (RFC 37, section "The NULL Mechanism").
[[nodiscard]] std::string_view name_of(socket_type type) noexcept;
/// The reverse; exact spelling, none for anything else.
[[nodiscard]] std::optional<socket_type> socket_type_from(std::string_view name) noexcept;
/// May the two talk to each other? (RFC 23 and 37, "Socket-Type"; for the drafts RFC 41,
/// 48, 49, 51 and 52)
[[nodiscard]] bool compatible(socket_type one, socket_type other) noexcept;

}  // namespace monocoque

#pragma GCC visibility pop
