#pragma once

#include "pattern/pattern.hpp"

#include <cstddef>

namespace monocoque::pattern {

/// DGRAM: datagrams to and from whoever, over the one endpoint that is bound, which is its peer; a second one
/// is refused. A message is two frames, the address of the other side and the payload.
class dgram final : public pattern {
 public:
  /// The longest payload, in octets, as libzmq has it (MAX_UDP_MSG).
  static constexpr std::size_t max_payload = 8192;

  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override { return writable_; }
  [[nodiscard]] peer_id next_source() override { return readable_ ? peer_ : peer_id{}; }
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override { return readable_; }

 private:
  peer_id peer_;
  bool writable_ = false;
  bool readable_ = false;
};

}  // namespace monocoque::pattern
