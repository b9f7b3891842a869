#pragma once

#include "pattern/pattern.hpp"
#include "pattern/rotation.hpp"
#include "pattern/routing_table.hpp"

namespace monocoque::pattern {

/// What ROUTER, STREAM, SERVER and PEER have in common: each peer is known by a routing id, which is put in
/// front of all that comes from it; peers are received from fairly.
class addressing : public pattern {
 public:
  void detach(peer_id peer) override;
  void set_writable(peer_id peer, bool writable) override;
  void shut(peer_id peer) override;
  void set_readable(peer_id peer, bool readable) override;
  [[nodiscard]] peer_id next_source() override;
  [[nodiscard]] receive_verdict admit(peer_id peer, frame_cursor& received) override;
  [[nodiscard]] bool can_receive() const override;
  [[nodiscard]] peer_id find(std::span<const std::byte> routing_id) const override;

 protected:
  explicit addressing(const settings& options);

  /// Makes the peer known, by the id that it has or a generated one.
  [[nodiscard]] attach_verdict introduce(peer_id peer, const bytes& routing_id, bool hand_over);
  /// What a message for a known peer comes to; `shut`: nothing can be sent to it any more.
  enum class way : std::uint8_t { open, full, shut };
  [[nodiscard]] way way_to(peer_id peer) const noexcept {
    if (!writable_.attached(peer)) return way::shut;
    return writable_.active(peer) ? way::open : way::full;
  }
  /// A message of two frames, the routing id and what goes to that peer, which is unroutable if there is
  /// none.
  [[nodiscard]] send_verdict route_pair(std::span<const bytes> frames);
  /// What `route_pair` comes to if the first frame is this one.
  [[nodiscard]] send_kind would_pass(std::span<const std::byte> first) const;
  [[nodiscard]] bool somebody_is_writable() const noexcept { return !writable_.empty(); }

  peer_id to_;  // the answers' only peer

 private:
  void find_sole_source();

  routing_table ids_;
  load_balancer writable_;  // as a set; the application says who is next
  fair_queue readable_;
};

}  // namespace monocoque::pattern
