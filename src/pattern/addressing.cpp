#include "pattern/addressing.hpp"

#include "pattern/seed.hpp"

namespace monocoque::pattern {

addressing::addressing(const settings& options)
    : pattern({.routes_by_topic = false, .delivers_all = true}), ids_(seed_from(options.seed)) {}

attach_verdict addressing::introduce(peer_id peer, const bytes& routing_id, bool hand_over) {
  const auto outcome = ids_.attach(peer, routing_id, hand_over);
  find_sole_source();  // the ids may have moved
  if (!outcome.attached) return {.refused = error(errc::duplicate_routing_id)};
  writable_.attach(peer);
  readable_.attach(peer);
  return {.hand_over = outcome.displaced, .routing_id = *outcome.id};
}

void addressing::detach(peer_id peer) {
  ids_.detach(peer);
  writable_.detach(peer);
  readable_.detach(peer);
  find_sole_source();
}

void addressing::set_writable(peer_id peer, bool writable) { writable_.set_active(peer, writable); }

void addressing::shut(peer_id peer) { writable_.detach(peer); }

void addressing::set_readable(peer_id peer, bool readable) {
  readable_.set_active(peer, readable);
  find_sole_source();
}

void addressing::find_sole_source() {
  sole_source_id_ = ids_.id_of(readable_.sole());
  sole_source_ = sole_source_id_ != nullptr ? readable_.sole() : peer_id{};
}

send_verdict addressing::route_pair(std::span<const bytes> frames) {
  constexpr std::size_t id_and_rest = 2;
  if (frames.size() != id_and_rest) return {.kind = send_kind::invalid};
  to_ = find(frames.front().span());
  switch (way_to(to_)) {
    case way::open: return {.kind = send_kind::pass, .to = {&to_, 1}, .skip = 1};
    case way::full: return {.kind = send_kind::would_block, .to = {&to_, 1}};
    case way::shut: break;
  }
  return {.kind = send_kind::unroutable};
}

send_kind addressing::would_pass(std::span<const std::byte> first) const {
  switch (way_to(find(first))) {
    case way::open: return send_kind::pass;
    case way::full: return send_kind::would_block;
    case way::shut: break;
  }
  return send_kind::unroutable;
}

peer_id addressing::next_source() { return readable_.current(); }

receive_verdict addressing::admit(peer_id peer, frame_cursor&) {
  readable_.pass_turn(peer);
  const bytes* id = ids_.id_of(peer);
  if (id == nullptr) return {.kind = receive_kind::drop};
  return {.kind = receive_kind::deliver, .prepend = id};
}

bool addressing::can_receive() const { return !readable_.empty(); }

peer_id addressing::find(std::span<const std::byte> routing_id) const { return ids_.find(routing_id); }

}  // namespace monocoque::pattern
