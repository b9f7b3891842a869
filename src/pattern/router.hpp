#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"
#include "pattern/routing_table.hpp"

namespace monocoque::pattern {

/// ROUTER (RFC 28): the first frame of an outgoing message is the routing id of the peer it goes to; an
/// incoming one gets its peer's put in front. What cannot be sent is dropped, or, with `router_mandatory`,
/// refused.
class router final : public pattern {
 public:
  explicit router(const settings& options);

  void change_settings(const settings& options) override;
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
  [[nodiscard]] peer_id find(std::span<const std::byte> routing_id) const override;

 private:
  void find_sole_source();

  bool mandatory_ = false, waits_ = false, hand_over_ = false, probe_ = false;
  routing_table ids_;
  load_balancer writable_;  // as a set; the application says who is next
  fair_queue readable_;
  peer_id to_;
};

}  // namespace monocoque::pattern
