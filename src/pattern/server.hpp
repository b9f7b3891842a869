#pragma once

#include "pattern/addressing.hpp"

#include <cstdint>

namespace monocoque::pattern {

/// SERVER (RFC 41) and PEER (RFC 51): each connection is known by a number, of which four octets in network
/// order go in front of what comes from it and lead what goes to it: a message is that frame and one more.
/// Numbers are given out in sequence, from one that nobody can foresee on, so that none comes back soon; none
/// is 0. What cannot be sent is refused, and a peer that is full is waited for.
class server final : public addressing {
 public:
  explicit server(const settings& options);

  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override { return route_pair(frames); }
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override { return would_pass(first); }
  /// Whether a message can be sent depends on whom it is for: as in libzmq, it may always be tried.
  [[nodiscard]] bool can_send() const override { return true; }

 private:
  [[nodiscard]] bytes unused_id();

  std::uint32_t next_;
};

}  // namespace monocoque::pattern
