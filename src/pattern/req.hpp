#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"

#include <array>

namespace monocoque::pattern {

/// REQ (RFC 28): a request to the next peer in turn, then the reply of that peer, and so on. Each request
/// goes out behind an empty delimiter frame, with `req_correlate` behind a frame with its number too. What
/// comes from other peers or does not carry these frames is dropped.
///
/// If the peer that has the request goes away, the request is lost, and REQ goes on waiting, as libzmq's
/// does: it then takes the reply of whichever peer has one (the same one, reconnected, say; with
/// `req_correlate` the number must be right), or, with `req_relaxed`, sends another request.
class req final : public pattern {
 public:
  explicit req(const settings& options);

  void change_settings(const settings& options) override;
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  void take_back() noexcept override { now_ = before_; }
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override;
  [[nodiscard]] peer_id next_source() override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override;
  [[nodiscard]] errc why_no_source() const override;

 private:
  [[nodiscard]] bool pass_envelope(frame_cursor& reply) const;

  bool relaxed_ = false, correlate_ = false, probe_ = false;
  load_balancer writable_;
  fair_queue readable_;
  struct turn {
    bool waiting = false;  // a request is out
    peer_id to;            // who has it; not valid if gone
    std::uint32_t request_id = 0;
    bool correlated = false;  // the request went out with its number
  };
  turn now_;
  turn before_;  // the last request, or its reply
  std::array<std::byte, 8> prefix_{};
};

}  // namespace monocoque::pattern
