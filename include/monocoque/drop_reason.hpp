#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#pragma GCC visibility push(default)

namespace monocoque {

/// Why a message was dropped. Every one that a socket has taken, from the application or from a peer, and
/// does not pass on is counted under one of these.
enum class drop_reason : std::uint8_t {
  full,  ///< the peer it was for is at its high-water mark (PUB, XPUB, XSUB, ROUTER, REP); or it had been
         ///< read when its connection ended, and is beyond a limit of what is received; or came over UDP so
  unroutable,  ///< ROUTER: no peer has that routing id; REP: who asked has gone; over UDP: it is longer than
               ///< a datagram, for an address that is none, or the system did not take it
  peer_gone,  ///< it was queued for a peer whose connection is over, or came from one whose place another has
  replaced,   ///< a newer one took its place (`conflate`)
  closed,     ///< not sent yet when the socket was closed, or the endpoint given up, and its linger time over
  unexpected,  ///< received, but nobody is waiting for it: an old reply (REQ), one without an envelope (REP),
               ///< what came over a connection that a STREAM has ended, a datagram that makes no sense
  no_memory,   ///< there was no memory to queue it for that peer, or to keep what that peer had sent
};
inline constexpr std::size_t drop_reason_count = 7;

/// In words, such as "high-water mark"; for labels see `label_of`.
[[nodiscard]] std::string_view name_of(drop_reason reason) noexcept;
/// The identifier as written in this header, such as "peer_gone".
[[nodiscard]] std::string_view label_of(drop_reason reason) noexcept;

}  // namespace monocoque

#pragma GCC visibility pop
