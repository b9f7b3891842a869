#include "pattern/rep.hpp"

#include "base/wire.hpp"
#include "pattern/seed.hpp"

namespace monocoque::pattern {

namespace wire = base::wire;

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
  if (!writable_.active(to_)) return {.kind = send_kind::drop, .dropped = 1};
  return {.kind = send_kind::pass, .to = {&to_, 1}, .prefix = envelope_};
}

bool rep::can_send() const { return replying_; }

peer_id rep::next_source() { return replying_ ? peer_id{} : readable_.current(); }

receive_verdict rep::admit(peer_id peer, std::span<const std::byte> whole_message) {
  readable_.pass_turn(peer);
  if (replying_ || !readable_.attached(peer)) return {.kind = receive_kind::drop};

  std::span<const std::byte> rest = whole_message;
  wire::frame frame;
  do {
    frame = wire::next_frame(rest);
  } while (frame.more && !frame.payload.empty());
  if (!frame.more) return {.kind = receive_kind::drop};

  const auto envelope = whole_message.first(whole_message.size() - rest.size());
  envelope_.assign(envelope.begin(), envelope.end());
  to_ = peer;
  replying_ = true;
  return {.kind = receive_kind::deliver, .skip_bytes = envelope.size()};
}

bool rep::can_receive() const { return !replying_ && !readable_.empty(); }

errc rep::why_no_source() const { return replying_ ? errc::wrong_state : errc::would_block; }

peer_id rep::find(std::span<const std::byte> routing_id) const { return ids_.find(routing_id); }

}  // namespace monocoque::pattern
