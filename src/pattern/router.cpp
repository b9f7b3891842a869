#include "pattern/router.hpp"

namespace monocoque::pattern {

router::router(const settings& options) : addressing(options) { router::change_settings(options); }

void router::change_settings(const settings& options) {
  mandatory_ = options.router_mandatory;
  waits_ = options.router_mandatory || options.router_wait;
  hand_over_ = options.router_handover;
  probe_ = options.probe_router;
}

attach_verdict router::attach(peer_id peer, const peer_description& description) {
  // What the application assigns twice is a mistake of its own, not a peer that has come back.
  const bool hand_over = hand_over_ && !description.assigned_id;
  attach_verdict verdict = introduce(peer, description.routing_id, hand_over);
  if (probe_ && !verdict.refused) verdict.greetings.emplace_back();
  return verdict;
}

send_verdict router::route(std::span<const bytes> frames) {
  if (frames.size() < 2) return {.kind = send_kind::invalid};
  to_ = find(frames.front());
  const way there = way_to(to_);
  if (there == way::shut) {
    if (mandatory_) return {.kind = send_kind::unroutable};
    return {.kind = send_kind::drop, .skip = 1, .dropped = 1, .why = drop_reason::unroutable};
  }
  if (there == way::full) {
    if (waits_) return {.kind = send_kind::would_block};
    return {.kind = send_kind::drop, .skip = 1, .dropped = 1, .full = {&to_, 1}};
  }
  return {.kind = send_kind::pass, .to = {&to_, 1}, .skip = 1};
}

send_kind router::would_route(std::span<const std::byte> first) {
  const way there = way_to(find(first));
  if (there == way::open) return send_kind::pass;
  if (there == way::shut) return mandatory_ ? send_kind::unroutable : send_kind::drop;
  return waits_ ? send_kind::would_block : send_kind::drop;
}

bool router::can_send() const { return !mandatory_ || somebody_is_writable(); }

}  // namespace monocoque::pattern
