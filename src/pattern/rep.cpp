#include "pattern/rep.hpp"

#include "pattern/seed.hpp"

namespace monocoque::pattern {

rep::rep(const settings& options) : hand_over_(options.router_handover), ids_(seed_from(options.seed)) {}

attach_verdict rep::attach(peer_id peer, const peer_description& description) {
  const bool hand_over = hand_over_ && !description.assigned_id;
  const auto outcome = ids_.attach(peer, description.routing_id, hand_over);
  if (!outcome.attached) return {.refused = error(errc::duplicate_routing_id)};
  writable_.attach(peer);
  readable_.attach(peer);
  return {.hand_over = outcome.displaced, .routing_id = *outcome.id};
}

void rep::detach(peer_id peer) {
  ids_.detach(peer);
  writable_.detach(peer);
  readable_.detach(peer);
  if (peer == to_) to_ = {};
}

void rep::set_writable(peer_id peer, bool writable) { writable_.set_active(peer, writable); }

void rep::set_readable(peer_id peer, bool readable) { readable_.set_active(peer, readable); }

send_verdict rep::route(std::span<const bytes>) {
  if (!replying_) return {.kind = send_kind::wrong_state};
  replying_ = false;
  if (!to_.valid()) return {.kind = send_kind::drop, .dropped = 1, .why = drop_reason::unroutable};
  if (!writable_.active(to_)) return {.kind = send_kind::drop, .dropped = 1, .full = {&to_, 1}};
  return {.kind = send_kind::pass, .to = {&to_, 1}, .prefix = envelope_};
}

send_kind rep::would_route(std::span<const std::byte>) {
  return replying_ ? send_kind::pass : send_kind::wrong_state;
}

bool rep::can_send() const { return replying_; }

peer_id rep::next_source() { return replying_ ? peer_id{} : readable_.current(); }

receive_verdict rep::admit(peer_id peer, frame_cursor& received) {
  readable_.pass_turn(peer);
  if (replying_ || !readable_.attached(peer)) return {.kind = receive_kind::drop};

  base::wire::frame frame;
  do {
    frame = received.next();
  } while (frame.more && !frame.payload.empty());
  if (!frame.more) return {.kind = receive_kind::drop};

  received.copy_passed(envelope_);
  to_ = peer;
  replying_ = true;
  return {.kind = receive_kind::deliver};
}

bool rep::can_receive() const { return !replying_ && !readable_.empty(); }

errc rep::why_no_source() const { return replying_ ? errc::wrong_state : errc::would_block; }

peer_id rep::find(std::span<const std::byte> routing_id) const { return ids_.find(routing_id); }

}  // namespace monocoque::pattern
