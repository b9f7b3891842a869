#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"

namespace monocoque::pattern {

/// PUSH (RFC 30), and SCATTER (RFC 49): sends to its peers in turn, leaving out those that are full; receives
/// nothing.
class push : public pattern {
 public:
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override;
  [[nodiscard]] peer_id next_source() override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override;
  /// What a peer sends to a PUSH is dropped as it comes.
  [[nodiscard]] bool admits_on_arrival() const override { return true; }
  [[nodiscard]] errc why_no_source() const override { return errc::not_supported; }

 private:
  load_balancer writable_;
  peer_id to_;
};

}  // namespace monocoque::pattern
