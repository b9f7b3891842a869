#pragma once

#include "pattern/addressing.hpp"

namespace monocoque::pattern {

/// STREAM: what goes out and comes in are two frames, the routing id of a connection and a piece of its byte
/// stream. An empty piece that is sent ends the connection.
class stream final : public addressing {
 public:
  explicit stream(const settings& options) : addressing(options) {}

  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  /// Of a piece that is not empty.
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override { return would_pass(first); }
  /// Whether a message can be sent depends on whom it is for: as in libzmq, it may always be tried.
  [[nodiscard]] bool can_send() const override { return true; }
};

}  // namespace monocoque::pattern
