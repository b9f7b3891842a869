#include "pattern/pull.hpp"

namespace monocoque::pattern {

attach_verdict pull::attach(peer_id peer, const peer_description&) {
  readable_.attach(peer);
  sole_source_ = readable_.sole();
  return {};
}

void pull::detach(peer_id peer) {
  readable_.detach(peer);
  sole_source_ = readable_.sole();
}

void pull::set_writable(peer_id, bool) {}

void pull::set_readable(peer_id peer, bool readable) {
  readable_.set_active(peer, readable);
  sole_source_ = readable_.sole();
}

send_verdict pull::route(std::span<const bytes>) { return {.kind = send_kind::not_supported}; }

send_kind pull::would_route(std::span<const std::byte>) { return send_kind::not_supported; }

bool pull::can_send() const { return false; }

peer_id pull::next_source() { return readable_.current(); }

receive_verdict pull::admit(peer_id peer, frame_cursor&) {
  readable_.pass_turn(peer);
  return {.kind = readable_.attached(peer) ? receive_kind::deliver : receive_kind::drop};
}

bool pull::can_receive() const { return !readable_.empty(); }

}  // namespace monocoque::pattern
