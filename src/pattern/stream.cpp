#include "pattern/stream.hpp"

namespace monocoque::pattern {

attach_verdict stream::attach(peer_id peer, const peer_description& description) {
  return introduce(peer, description.routing_id, false);
}

send_verdict stream::route(std::span<const bytes> frames) {
  const send_verdict verdict = route_pair(frames);
  // Whoever does not read, and so stays full, can be got rid of all the same.
  const bool reaches = verdict.kind == send_kind::pass || verdict.kind == send_kind::would_block;
  if (reaches && frames.back().empty()) return {.kind = send_kind::disconnect, .to = {&to_, 1}};
  return verdict;
}

}  // namespace monocoque::pattern
