#include "pattern/stream.hpp"

namespace monocoque::pattern {

attach_verdict stream::attach(peer_id peer, const peer_description& description) {
  return introduce(peer, description.routing_id, false);
}

send_verdict stream::route(std::span<const bytes> frames) {
  constexpr std::size_t id_and_piece = 2;
  if (frames.size() != id_and_piece) return {.kind = send_kind::invalid};
  to_ = find(frames.front());
  const way there = way_to(to_);
  if (there == way::shut) return {.kind = send_kind::unroutable};
  // Whoever does not read, and so stays full, can be got rid of all the same.
  if (frames.back().empty()) return {.kind = send_kind::disconnect, .to = {&to_, 1}};
  if (there == way::full) return {.kind = send_kind::would_block};
  return {.kind = send_kind::pass, .to = {&to_, 1}, .skip = 1};
}

send_kind stream::would_route(std::span<const std::byte> first) {
  switch (way_to(find(first))) {
    case way::open: return send_kind::pass;
    case way::full: return send_kind::would_block;
    case way::shut: break;
  }
  return send_kind::unroutable;
}

}  // namespace monocoque::pattern
