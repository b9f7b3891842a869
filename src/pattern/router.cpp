#include "pattern/router.hpp"

#include "pattern/seed.hpp"

namespace monocoque::pattern {

router::router(const settings& options)
    : pattern({.routes_by_topic = false, .delivers_all = true}), ids_(seed_from(options.seed)) {
  router::change_settings(options);
}

void router::change_settings(const settings& options) {
  mandatory_ = options.router_mandatory;
  waits_ = options.router_mandatory || options.router_wait;
  hand_over_ = options.router_handover;
  probe_ = options.probe_router;
}

attach_verdict router::attach(peer_id peer, const peer_description& description) {
  // What the application assigns twice is a mistake of its own, not a peer that has come back.
  const bool hand_over = hand_over_ && !description.assigned_id;
  const auto outcome = ids_.attach(peer, description.routing_id, hand_over);
  find_sole_source();  // the ids may have moved
  if (!outcome.attached) return {.refused = error(errc::duplicate_routing_id)};
  writable_.attach(peer);
  readable_.attach(peer);
  attach_verdict verdict{.hand_over = outcome.displaced, .routing_id = *outcome.id};
  if (probe_) verdict.greetings.emplace_back();
  return verdict;
}

void router::detach(peer_id peer) {
  ids_.detach(peer);
  writable_.detach(peer);
  readable_.detach(peer);
  find_sole_source();
}

void router::set_writable(peer_id peer, bool writable) { writable_.set_active(peer, writable); }

void router::set_readable(peer_id peer, bool readable) {
  readable_.set_active(peer, readable);
  find_sole_source();
}

void router::find_sole_source() {
  sole_source_id_ = ids_.id_of(readable_.sole());
  sole_source_ = sole_source_id_ != nullptr ? readable_.sole() : peer_id{};
}

send_verdict router::route(std::span<const bytes> frames) {
  if (frames.size() < 2) return {.kind = send_kind::invalid};
  const peer_id peer = ids_.find(frames.front());
  if (!peer.valid()) {
    if (mandatory_) return {.kind = send_kind::unroutable};
    return {.kind = send_kind::drop, .skip = 1, .dropped = 1, .why = drop_reason::unroutable};
  }
  if (!writable_.active(peer)) {
    if (waits_) return {.kind = send_kind::would_block};
    to_ = peer;
    return {.kind = send_kind::drop, .skip = 1, .dropped = 1, .full = {&to_, 1}};
  }
  to_ = peer;
  return {.kind = send_kind::pass, .to = {&to_, 1}, .skip = 1};
}

send_kind router::would_route(std::span<const std::byte> first) {
  const peer_id peer = ids_.find(first);
  if (!peer.valid()) return mandatory_ ? send_kind::unroutable : send_kind::drop;
  if (writable_.active(peer)) return send_kind::pass;
  return waits_ ? send_kind::would_block : send_kind::drop;
}

bool router::can_send() const { return !mandatory_ || !writable_.empty(); }

peer_id router::next_source() { return readable_.current(); }

receive_verdict router::admit(peer_id peer, frame_cursor&) {
  readable_.pass_turn(peer);
  const bytes* id = ids_.id_of(peer);
  if (id == nullptr) return {.kind = receive_kind::drop};
  return {.kind = receive_kind::deliver, .prepend = id};
}

bool router::can_receive() const { return !readable_.empty(); }

peer_id router::find(std::span<const std::byte> routing_id) const { return ids_.find(routing_id); }

}  // namespace monocoque::pattern
