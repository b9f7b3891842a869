#include "pattern/dealer.hpp"

namespace monocoque::pattern {

attach_verdict dealer::attach(peer_id peer, const peer_description&) {
  writable_.attach(peer);
  sole_target_ = writable_.sole();
  readable_.attach(peer);
  sole_source_ = readable_.sole();
  attach_verdict verdict;
  if (probe_) verdict.greetings.emplace_back();
  return verdict;
}

void dealer::detach(peer_id peer) {
  writable_.detach(peer);
  sole_target_ = writable_.sole();
  readable_.detach(peer);
  sole_source_ = readable_.sole();
}

void dealer::set_writable(peer_id peer, bool writable) {
  writable_.set_active(peer, writable);
  sole_target_ = writable_.sole();
}

void dealer::set_readable(peer_id peer, bool readable) {
  readable_.set_active(peer, readable);
  sole_source_ = readable_.sole();
}

send_verdict dealer::route(std::span<const bytes>) {
  if (writable_.empty()) return {.kind = send_kind::would_block};
  to_ = writable_.take_turn();
  return {.kind = send_kind::pass, .to = {&to_, 1}};
}

send_kind dealer::would_route(std::span<const std::byte>) {
  return writable_.empty() ? send_kind::would_block : send_kind::pass;
}

bool dealer::can_send() const { return !writable_.empty(); }

peer_id dealer::next_source() { return readable_.current(); }

receive_verdict dealer::admit(peer_id peer, frame_cursor&) {
  readable_.pass_turn(peer);
  return {.kind = readable_.attached(peer) ? receive_kind::deliver : receive_kind::drop};
}

bool dealer::can_receive() const { return !readable_.empty(); }

}  // namespace monocoque::pattern
