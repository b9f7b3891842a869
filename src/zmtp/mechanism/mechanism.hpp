#pragma once

#include "zmtp/command.hpp"
#include "zmtp/config.hpp"
#include "zmtp/mechanism/claim.hpp"
#include "zmtp/mechanism/curve_traffic.hpp"

#include <monocoque/message.hpp>
#include <monocoque/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace monocoque::zmtp {

/// One side of a security handshake (RFC 37, section "Authentication and Confidentiality"): commands in,
/// commands out, in the end who the peer is. One object a connection, which owns it; no I/O, no clock.
///
/// A mechanism that also changes the traffic (CURVE) says so when the handshake is done. Then everything that
/// is sent goes through a frame_form, and what comes is turned into canonical form before the frame decoder
/// sees it, as for ZMTP 1.0.
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

  enum class progress : std::uint8_t {
    more,            ///< another command is to come
    verdict_wanted,  ///< the owner is to decide about `take_claim`, and to go on with handle_verdict
    done,
  };
  /// Greetings have been exchanged: appends what this side sends unasked. An error as from handle_command.
  [[nodiscard]] virtual result<void> start(std::vector<std::byte>& out) = 0;
  /// A command of the peer's; appends the answer. An error: the handshake has failed, and `out` may hold an
  /// ERROR command that tells the peer.
  [[nodiscard]] virtual result<progress> handle_command(const command& received,
                                                        std::vector<std::byte>& out) = 0;
  /// The verdict that was wanted, and which lets the peer in.
  [[nodiscard]] virtual result<progress> handle_approval(std::vector<std::byte>& out) = 0;
  /// What the peer has shown. Once, when a verdict is wanted.
  [[nodiscard]] virtual claim take_claim() = 0;
  /// The peer as it described itself. Once, when the handshake is done or has failed; then it has what was
  /// said, if anything.
  [[nodiscard]] virtual peer_info take_peer() = 0;
  /// How the traffic goes on. Once, when the handshake is done; null: in the clear.
  [[nodiscard]] virtual std::unique_ptr<curve_traffic> take_traffic() { return nullptr; }
};

/// The one that `own` asks for, which must outlive it. `now`: for the cookies of CURVE servers.
[[nodiscard]] std::unique_ptr<mechanism> make_mechanism(const config& own, time_point now);

/// What a command is answered with that does not belong there.
[[nodiscard]] error unexpected(const command& received, std::string_view wanted, std::vector<std::byte>& out);
/// What an ERROR command in the handshake says.
[[nodiscard]] error refused_by(const command& received);

}  // namespace monocoque::zmtp
