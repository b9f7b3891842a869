#pragma once

#include "pattern/xsub.hpp"

namespace monocoque::pattern {

/// DISH (RFC 48): joins groups at all its peers, takes their messages of two frames, group and payload, in
/// turn, and drops those of groups that it has not joined, which a peer may send because it cannot know (UDP)
/// or does not yet. It sends nothing.
class dish final : public xsub {
 public:
  explicit dish(const settings& options);

  void change_settings(const settings&) override {}
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override { return false; }
  /// Refuses what has not two frames.
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool lets_in(std::span<const std::byte> first) const override;
  [[nodiscard]] send_verdict subscribe(std::span<const std::byte> topic, bool add) override;
};

}  // namespace monocoque::pattern
