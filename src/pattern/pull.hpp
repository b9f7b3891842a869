#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"

namespace monocoque::pattern {

/// PULL (RFC 30), and GATHER (RFC 49): takes messages of its peers in turn; sends nothing.
class pull final : public pattern {
 public:
  pull() noexcept : pattern({.routes_by_topic = false, .delivers_all = true}) {}

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
  fair_queue readable_;
};

}  // namespace monocoque::pattern
