#pragma once

#include "pattern/pattern.hpp"

namespace monocoque::pattern {

/// PAIR (RFC 31), and CHANNEL (RFC 52): one peer, messages both ways; a second peer is refused while the
/// first is there.
class pair : public pattern {
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

 private:
  peer_id peer_;
  bool writable_ = false;
  bool readable_ = false;
};

}  // namespace monocoque::pattern
