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
#include <utility>
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
  virtual ~mechanism() = default;
  mechanism(const mechanism&) = delete;
  mechanism& operator=(const mechanism&) = delete;

  /// As both greetings must have it.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// The as-server flag of the greeting.
  [[nodiscard]] virtual bool as_server() const noexcept = 0;

  enum class progress : std::uint8_t {
    more,            ///< another command is to come
    verdict_wanted,  ///< the owner is to decide about `take_claim`, and to go on with handle_approval
    done,
  };
  /// Greetings have been exchanged: appends what this side sends unasked. An error as from handle_command.
  [[nodiscard]] virtual result<void> start(std::vector<std::byte>& /*out*/) { return {}; }
  /// A command of the peer's; appends the answer. An error: the handshake has failed, and `out` may hold an
  /// ERROR command that tells the peer.
  [[nodiscard]] result<progress> handle_command(const command& received, std::vector<std::byte>& out);
  /// The verdict that was wanted, and which lets the peer in. Clients want none.
  [[nodiscard]] virtual result<progress> handle_approval(std::vector<std::byte>& /*out*/) {
    return progress::more;
  }
  /// What the peer has shown. Once, when a verdict is wanted.
  [[nodiscard]] virtual claim take_claim();
  /// The peer as it described itself. Once, when the handshake is done or has failed; then it has what was
  /// said, if anything.
  [[nodiscard]] peer_info take_peer() { return std::move(peer_); }
  /// The status of ZAP with which the peer has refused us; 0: it has not, or with other words.
  [[nodiscard]] std::uint16_t refused_with() const noexcept { return refused_with_; }
  /// How the traffic goes on. Once, when the handshake is done; null: in the clear.
  [[nodiscard]] virtual std::unique_ptr<curve_traffic> take_traffic() { return nullptr; }

 protected:
  /// `settings` must outlive it.
  explicit mechanism(const config& settings) noexcept : settings_(settings) {}

  /// Any command but ERROR.
  [[nodiscard]] virtual result<progress> handle(const command& received, std::vector<std::byte>& out) = 0;

  [[nodiscard]] const config& settings() const noexcept { return settings_; }
  /// Appends a command that consists of our metadata.
  void send_metadata(std::string_view command, std::vector<std::byte>& out) const;
  [[nodiscard]] result<void> read_metadata(octets metadata);
  /// The same of a peer that is told, with ERROR, what is wrong with it.
  [[nodiscard]] result<void> read_metadata_or_refuse(octets metadata, std::vector<std::byte>& out);

 private:
  [[nodiscard]] error refused_by(const command& received);

  const config& settings_;
  peer_info peer_;
  std::uint16_t refused_with_ = 0;
};

/// The one that `own` asks for, which must outlive it. `now`: for the cookies of CURVE servers.
[[nodiscard]] std::unique_ptr<mechanism> make_mechanism(const config& own, time_point now);

/// What a command is answered with that does not belong there.
[[nodiscard]] error unexpected(const command& received, std::string_view wanted, std::vector<std::byte>& out);

}  // namespace monocoque::zmtp
