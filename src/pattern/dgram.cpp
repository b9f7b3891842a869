#include "pattern/dgram.hpp"

namespace monocoque::pattern {

attach_verdict dgram::attach(peer_id peer, const peer_description&) {
  if (peer == peer_) return {};
  const bool same_place = peer_.valid() && peer.slot == peer_.slot;
  if (peer_.valid() && !same_place) return {.refused = error(errc::second_peer)};
  peer_ = peer;
  writable_ = readable_ = false;
  sole_source_ = {};
  return {};
}

void dgram::detach(peer_id peer) {
  if (peer != peer_) return;
  peer_ = {};
  writable_ = readable_ = false;
  sole_source_ = {};
}

void dgram::set_writable(peer_id peer, bool writable) {
  if (peer == peer_ && peer.valid()) writable_ = writable;
}

void dgram::set_readable(peer_id peer, bool readable) {
  if (peer != peer_ || !peer.valid()) return;
  readable_ = readable;
  sole_source_ = readable ? peer_ : peer_id{};
}

send_verdict dgram::route(std::span<const bytes> frames) {
  constexpr std::size_t address_and_payload = 2;
  if (frames.size() != address_and_payload || frames.back().size() > max_payload)
    return {.kind = send_kind::invalid};
  if (!writable_) return {.kind = send_kind::would_block};
  return {.kind = send_kind::pass, .to = {&peer_, 1}};
}

send_kind dgram::would_route(std::span<const std::byte>) {
  return writable_ ? send_kind::pass : send_kind::would_block;
}

receive_verdict dgram::admit(peer_id peer, frame_cursor&) {
  return {.kind = peer == peer_ ? receive_kind::deliver : receive_kind::drop};
}

}  // namespace monocoque::pattern
