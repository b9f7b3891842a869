#pragma once

#include "crypto/box.hpp"
#include "zmtp/config.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"
#include "zmtp/mechanism/mechanism.hpp"

#include <cstdint>

namespace monocoque::zmtp {

/// The client of the CURVE mechanism (RFC 25, 26). It knows the server's key, so that no other can answer,
/// and draws a key pair for each connection, so that what was recorded of it cannot be read once that is
/// forgotten. Owned by its connection, whose settings it uses.
class curve_client_mechanism final : public mechanism {
 public:
  curve_client_mechanism(const config& settings, const curve_client& own) noexcept
      : mechanism(settings), own_(own) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "CURVE"; }
  [[nodiscard]] bool as_server() const noexcept override { return false; }
  [[nodiscard]] result<void> start(std::vector<std::byte>& out) override;
  [[nodiscard]] std::unique_ptr<curve_traffic> take_traffic() override;

 private:
  [[nodiscard]] result<progress> handle(const command& received, std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_welcome(octets data, std::vector<std::byte>& out);
  [[nodiscard]] result<void> send_initiate(const curve_public_key& server_short, octets cookie,
                                           std::vector<std::byte>& out);
  [[nodiscard]] result<progress> handle_ready(octets data);

  const curve_client& own_;
  curve_keypair short_term_;  // C', c'
  crypto::box_key key_;       // of C' and S, later of C' and S'
  bool welcomed_ = false;
  std::uint64_t next_number_ = 1;
  std::uint64_t last_peer_number_ = 0;
};

}  // namespace monocoque::zmtp
