#include "pattern/pair.hpp"

namespace monocoque::pattern {

attach_verdict pair::attach(peer_id peer, const peer_description&) {
  if (peer == peer_) return {};
  const bool same_place = peer_.valid() && peer.slot == peer_.slot;
  if (peer_.valid() && !same_place) return {.refused = error(errc::second_peer)};
  peer_ = peer;
  writable_ = readable_ = false;
  sole_target_ = sole_source_ = {};
  return {};
}

void pair::detach(peer_id peer) {
  if (peer != peer_) return;
  peer_ = {};
  writable_ = readable_ = false;
  sole_target_ = sole_source_ = {};
}

void pair::set_writable(peer_id peer, bool writable) {
  if (peer != peer_ || !peer.valid()) return;
  writable_ = writable;
  sole_target_ = writable ? peer_ : peer_id{};
}

void pair::set_readable(peer_id peer, bool readable) {
  if (peer != peer_ || !peer.valid()) return;
  readable_ = readable;
  sole_source_ = readable ? peer_ : peer_id{};
}

send_verdict pair::route(std::span<const bytes>) {
  if (!writable_) return {.kind = send_kind::would_block};
  return {.kind = send_kind::pass, .to = {&peer_, 1}};
}

send_kind pair::would_route(std::span<const std::byte>) {
  return writable_ ? send_kind::pass : send_kind::would_block;
}

bool pair::can_send() const { return writable_; }

peer_id pair::next_source() { return readable_ ? peer_ : peer_id{}; }

receive_verdict pair::admit(peer_id peer, frame_cursor&) {
  return {.kind = peer == peer_ ? receive_kind::deliver : receive_kind::drop};
}

bool pair::can_receive() const { return readable_; }

}  // namespace monocoque::pattern
