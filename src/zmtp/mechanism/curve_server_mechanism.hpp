#pragma once

#include "crypto/box.hpp"
#include "zmtp/config.hpp"
#include "zmtp/mechanism/cookie_keys.hpp"
#include "zmtp/mechanism/curve_handshake.hpp"
#include "zmtp/mechanism/mechanism.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace monocoque::zmtp {

/// The server of the CURVE mechanism (RFC 25, 26), which wants a verdict of each client that has proven to
/// own its key. Between WELCOME and INITIATE it keeps no key of a client: they are in the cookie, of which it
/// knows the nonce, so that no cookie serves twice. Owned by its connection, whose settings it uses.
class curve_server_mechanism final : public mechanism {
 public:
  curve_server_mechanism(const config& settings, const curve_server& own,
                         std::shared_ptr<cookie_keys> cookies, time_point now) noexcept
      : mechanism(settings), own_(own), cookies_(std::move(cookies)), now_(now) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "CURVE"; }
  [[nodiscard]] bool as_server() const noexcept override { return true; }
  [[nodiscard]] result<void> start(std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_approval(std::vector<std::byte>& out) override;
  [[nodiscard]] claim take_claim() override;
  [[nodiscard]] std::unique_ptr<curve_traffic> take_traffic() override;

 private:
  [[nodiscard]] result<progress> handle(const command& received, std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_hello(octets data, std::vector<std::byte>& out);
  [[nodiscard]] result<void> send_welcome(const curve_public_key& client_short, const crypto::box_key& key,
                                          std::vector<std::byte>& out);
  [[nodiscard]] result<progress> handle_initiate(octets data, std::vector<std::byte>& out);
  /// C' and s' out of a cookie, if it is the one we gave. Once.
  [[nodiscard]] bool take_back(octets cookie, curve_keypair& client_and_own);
  [[nodiscard]] bool is_vouched_for(octets text, const curve_public_key& client_short,
                                    const curve_secret_key& own_short) const;

  const curve_server& own_;
  const std::shared_ptr<cookie_keys> cookies_;
  const time_point now_;
  bool greeted_ = false;
  std::optional<given_cookie> cookie_;  // from WELCOME to INITIATE
  curve_public_key client_;             // C
  crypto::box_key key_;                 // of C' and S'
  std::uint64_t next_number_ = 1;
  std::uint64_t last_peer_number_ = 0;
};

}  // namespace monocoque::zmtp
