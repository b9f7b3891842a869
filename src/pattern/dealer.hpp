#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"

namespace monocoque::pattern {

/// DEALER (RFC 28), and CLIENT (RFC 41): sends to its peers in turn, takes their messages in turn, changes
/// nothing in them.
class dealer : public pattern {
 public:
  explicit dealer(const settings& options)
      : pattern({.routes_by_topic = false, .delivers_all = true}), probe_(options.probe_router) {}

  void change_settings(const settings& options) override { probe_ = options.probe_router; }
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

 private:
  bool probe_;
  load_balancer writable_;
  fair_queue readable_;
  peer_id to_;
};

}  // namespace monocoque::pattern
