#pragma once

#include "pattern/addressing.hpp"

namespace monocoque::pattern {

/// ROUTER (RFC 28): the first frame of an outgoing message is the routing id of the peer it goes to; an
/// incoming one gets its peer's put in front. What cannot be sent is dropped, or, with `router_mandatory`,
/// refused.
class router final : public addressing {
 public:
  explicit router(const settings& options);

  void change_settings(const settings& options) override;
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override;

 private:
  bool mandatory_ = false, waits_ = false, hand_over_ = false, probe_ = false;
};

}  // namespace monocoque::pattern
