#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"
#include "pattern/routing_table.hpp"

#include <vector>

namespace monocoque::pattern {

/// REP (RFC 28): a request of the next peer in turn, then the reply to it, and so on. The envelope of a
/// request (all frames up to the first empty one) is kept and put in front of the reply; a request without
/// one is dropped. A reply to a peer that has gone or is full is dropped. As in libzmq, peers are told apart
/// by their routing ids.
class rep final : public pattern {
 public:
  explicit rep(const settings& options);

  void change_settings(const settings& options) override { hand_over_ = options.router_handover; }
  [[nodiscard]] attach_verdict attach(peer_id peer, const peer_description& description) override;
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override;
  void take_back() noexcept override { replying_ = !replying_; }
  [[nodiscard]] send_kind would_route(std::span<const std::byte> first) override;
  [[nodiscard]] bool can_send() const override;
  [[nodiscard]] peer_id next_source() override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override;
  [[nodiscard]] errc why_no_source() const override;
  [[nodiscard]] peer_id find(std::span<const std::byte> routing_id) const override;

 private:
  bool hand_over_;
  routing_table ids_;
  load_balancer writable_;  // as a set; there is nothing to balance
  fair_queue readable_;
  bool replying_ = false;  // a request has been delivered and waits for its reply
  peer_id to_;             // whose request it is; not valid if gone
  std::vector<std::byte> envelope_;
};

}  // namespace monocoque::pattern
