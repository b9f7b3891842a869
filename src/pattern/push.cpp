#include "pattern/push.hpp"

namespace monocoque::pattern {

attach_verdict push::attach(peer_id peer, const peer_description&) {
  writable_.attach(peer);
  sole_target_ = writable_.sole();
  return {};
}

void push::detach(peer_id peer) {
  writable_.detach(peer);
  sole_target_ = writable_.sole();
}

void push::set_writable(peer_id peer, bool writable) {
  writable_.set_active(peer, writable);
  sole_target_ = writable_.sole();
}

void push::set_readable(peer_id, bool) {}

send_verdict push::route(std::span<const bytes>) {
  if (writable_.empty()) return {.kind = send_kind::would_block};
  to_ = writable_.take_turn();
  return {.kind = send_kind::pass, .to = {&to_, 1}};
}

send_kind push::would_route(std::span<const std::byte>) {
  return writable_.empty() ? send_kind::would_block : send_kind::pass;
}

bool push::can_send() const { return !writable_.empty(); }

peer_id push::next_source() { return {}; }

/// A PULL peer has nothing to say.
receive_verdict push::admit(peer_id, frame_cursor&) { return {.kind = receive_kind::drop}; }

bool push::can_receive() const { return false; }

}  // namespace monocoque::pattern
