#pragma once

#include "zmtp/config.hpp"
#include "zmtp/mechanism/mechanism.hpp"

namespace monocoque::zmtp {

/// The NULL mechanism (RFC 37): READY against READY, no security. The side that accepted waits for the
/// other's READY, so that it can refuse with ERROR instead of its own. Owned by its connection, whose
/// settings it uses.
class null_mechanism final : public mechanism {
 public:
  explicit null_mechanism(const config& settings) noexcept : mechanism(settings) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "NULL"; }
  /// The flag means nothing to NULL and must be zero.
  [[nodiscard]] bool as_server() const noexcept override { return false; }
  [[nodiscard]] result<void> start(std::vector<std::byte>& out) override;
  [[nodiscard]] result<progress> handle_approval(std::vector<std::byte>& out) override;

 private:
  [[nodiscard]] result<progress> handle(const command& received, std::vector<std::byte>& out) override;
};

}  // namespace monocoque::zmtp
