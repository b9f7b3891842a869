#pragma once

#include "zmtp/config.hpp"
#include "zmtp/mechanism/mechanism.hpp"

namespace monocoque::zmtp {

/// The client of the PLAIN mechanism (RFC 24): HELLO with a name and a password, WELCOME, INITIATE and READY
/// with metadata. Owned by its connection, whose settings it uses.
class plain_client_mechanism final : public mechanism {
 public:
  plain_client_mechanism(const config& settings, const plain_client& own) noexcept
      : settings_(settings), own_(own) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "PLAIN"; }
  [[nodiscard]] bool as_server() const noexcept override { return false; }
  [[nodiscard]] result<void> start(std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_command(const command& received,
                                                std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_approval(std::vector<std::byte>& out) override;
  [[nodiscard]] claim take_claim() override { return {}; }
  [[nodiscard]] peer_info take_peer() override { return std::move(peer_); }

 private:
  const config& settings_;
  const plain_client& own_;
  bool welcomed_ = false;
  peer_info peer_;
};

/// The server, which wants a verdict of each name and password.
class plain_server_mechanism final : public mechanism {
 public:
  explicit plain_server_mechanism(const config& settings) noexcept : settings_(settings) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "PLAIN"; }
  [[nodiscard]] bool as_server() const noexcept override { return true; }
  [[nodiscard]] result<void> start(std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_command(const command& received,
                                                std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_approval(std::vector<std::byte>& out) override;
  [[nodiscard]] claim take_claim() override { return std::move(shown_); }
  [[nodiscard]] peer_info take_peer() override { return std::move(peer_); }

 private:
  [[nodiscard]] result<progress> handle_hello(octets data);
  [[nodiscard]] result<progress> handle_initiate(octets metadata, std::vector<std::byte>& out);

  const config& settings_;
  bool greeted_ = false;
  claim shown_;
  peer_info peer_;
};

}  // namespace monocoque::zmtp
