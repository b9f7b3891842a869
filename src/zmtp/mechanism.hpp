#pragma once

#include "zmtp/command.hpp"

#include <monocoque/message.hpp>
#include <monocoque/result.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace monocoque::zmtp {

/// One side of a security handshake (RFC 37, section "Authentication and Confidentiality"): commands in,
/// commands out, in the end who the peer is. One object a connection, which owns it; no I/O, no clock.
///
/// A mechanism that also changes the traffic (CURVE) does so where ZMTP 1.0 framing does: it turns what comes
/// into canonical form before the frame decoder sees it.
class mechanism {
 public:
  mechanism() = default;
  virtual ~mechanism() = default;
  mechanism(const mechanism&) = delete;
  mechanism& operator=(const mechanism&) = delete;

  /// As both greetings must have it.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// The as-server flag of the greeting.
  [[nodiscard]] virtual bool as_server() const noexcept = 0;

  /// Greetings have been exchanged: appends what this side sends unasked.
  virtual void start(std::vector<std::byte>& out) = 0;
  /// A command of the peer's; appends the answer. True: the handshake is done. An error: it has failed, and
  /// `out` may hold an ERROR command that tells the peer.
  [[nodiscard]] virtual result<bool> handle_command(const command& received, std::vector<std::byte>& out) = 0;
  /// The peer as it described itself. Once, when the handshake is done or `handle_command` has failed; then
  /// it has what was said, if anything.
  [[nodiscard]] virtual peer_info take_peer() = 0;
};

}  // namespace monocoque::zmtp
