#pragma once

#include "pattern/pub.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace monocoque::pattern {

/// RADIO (RFC 48): a message is two frames, the name of a group and a payload, and goes to each peer that has
/// joined just this group, and to those that take all. Peers that are full lose it, or, with `xpub_no_drop`,
/// block it for all. What peers send is ignored. The groups of a peer are bounded as subscriptions are.
class radio final : public pub {
 public:
  explicit radio(const settings& options);

  void change_settings(const settings& options) override;
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  /// Of a message of one frame, which there cannot be.
  [[nodiscard]] send_verdict route_by_topic(std::span<const std::byte> first) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;

 private:
  [[nodiscard]] send_verdict route_to_group(std::span<const std::byte> group);

  std::vector<peer_id> takers_of_all_;
};

}  // namespace monocoque::pattern
