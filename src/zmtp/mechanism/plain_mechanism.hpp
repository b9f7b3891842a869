#pragma once

#include "zmtp/config.hpp"
#include "zmtp/mechanism/mechanism.hpp"

namespace monocoque::zmtp {

/// The client of the PLAIN mechanism (RFC 24): HELLO with a name and a password, WELCOME, INITIATE and READY
/// with metadata. Owned by its connection, whose settings it uses.
class plain_client_mechanism final : public mechanism {
 public:
  plain_client_mechanism(const config& settings, const plain_client& own) noexcept
      : mechanism(settings), own_(own) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "PLAIN"; }
  [[nodiscard]] bool as_server() const noexcept override { return false; }
  [[nodiscard]] result<void> start(std::vector<std::byte>& out) override;

 private:
  [[nodiscard]] result<progress> handle(const command& received, std::vector<std::byte>& out) override;
  const plain_client& own_;
  bool welcomed_ = false;
};

/// The server, which wants a verdict of each name and password.
class plain_server_mechanism final : public mechanism {
 public:
  explicit plain_server_mechanism(const config& settings) noexcept : mechanism(settings) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "PLAIN"; }
  [[nodiscard]] bool as_server() const noexcept override { return true; }
  [[nodiscard]] result<progress> handle_approval(std::vector<std::byte>& out) override;
  [[nodiscard]] claim take_claim() override { return std::move(shown_); }

 private:
  [[nodiscard]] result<progress> handle(const command& received, std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_hello(octets data);
  [[nodiscard]] result<progress> handle_initiate(octets metadata, std::vector<std::byte>& out);

  bool greeted_ = false;
  claim shown_;
};

}  // namespace monocoque::zmtp
