#include "pattern/req.hpp"

#include "base/wire.hpp"
#include "pattern/seed.hpp"

#include <cstring>

namespace monocoque::pattern {

namespace wire = base::wire;

namespace {
constexpr std::size_t id_bytes = sizeof(std::uint32_t);
constexpr std::size_t id_frame_bytes = 2 + id_bytes;
}  // namespace

req::req(const settings& options) {
  req::change_settings(options);
  std::uint64_t seed = seed_from(options.seed);
  now_.request_id = static_cast<std::uint32_t>(next_random(seed));
  wire::put_header(prefix_.data(), id_bytes, wire::flag_more);
  wire::put_header(prefix_.data() + id_frame_bytes, 0, wire::flag_more);
}

void req::change_settings(const settings& options) {
  relaxed_ = options.req_relaxed;
  correlate_ = options.req_correlate;
  probe_ = options.probe_router;
}

attach_verdict req::attach(peer_id peer, const peer_description&) {
  const bool in_its_place = peer.slot == now_.to.slot && peer != now_.to;
  if (in_its_place) now_.to = {};
  writable_.attach(peer);
  readable_.attach(peer);
  attach_verdict verdict;
  if (probe_) verdict.greetings.emplace_back();
  return verdict;
}

void req::detach(peer_id peer) {
  writable_.detach(peer);
  readable_.detach(peer);
  if (peer == now_.to) now_.to = {};
  if (peer == before_.to) before_.to = {};
}

void req::set_writable(peer_id peer, bool writable) { writable_.set_active(peer, writable); }

void req::set_readable(peer_id peer, bool readable) { readable_.set_active(peer, readable); }

send_verdict req::route(std::span<const bytes>) {
  if (now_.waiting && !relaxed_) return {.kind = send_kind::wrong_state};
  if (writable_.empty()) return {.kind = send_kind::would_block};
  before_ = now_;
  now_.to = writable_.take_turn();
  now_.waiting = true;
  now_.correlated = correlate_;
  ++now_.request_id;
  std::memcpy(prefix_.data() + 2, &now_.request_id, id_bytes);
  const std::span<const std::byte> prefix(prefix_);
  return {.kind = send_kind::pass,
          .to = {&now_.to, 1},
          .prefix = correlate_ ? prefix : prefix.subspan(id_frame_bytes),
          .discard_waiting = !readable_.empty()};
}

send_kind req::would_route(std::span<const std::byte>) {
  if (now_.waiting && !relaxed_) return send_kind::wrong_state;
  return writable_.empty() ? send_kind::would_block : send_kind::pass;
}

bool req::can_send() const { return (!now_.waiting || relaxed_) && !writable_.empty(); }

peer_id req::next_source() {
  if (!now_.waiting) return {};
  // Who has the request goes first; others are asked only so that what they sent gets dropped.
  return readable_.active(now_.to) ? now_.to : readable_.current();
}

receive_verdict req::admit(peer_id peer, frame_cursor& received) {
  readable_.pass_turn(peer);
  const bool expected = now_.waiting && readable_.attached(peer) && (peer == now_.to || !now_.to.valid());
  if (!expected || !pass_envelope(received)) return {.kind = receive_kind::drop};
  before_ = now_;
  now_.waiting = false;
  now_.to = {};
  return {.kind = receive_kind::deliver};
}

/// Passes what is in front of the reply proper; false if it is not what belongs there.
bool req::pass_envelope(frame_cursor& reply) const {
  if (now_.correlated) {
    const wire::frame id = reply.next();
    if (!id.more || id.payload.size() != id_bytes) return false;
    if (std::memcmp(id.payload.data(), &now_.request_id, id_bytes) != 0) return false;
  }
  const wire::frame delimiter = reply.next();
  return delimiter.more && delimiter.payload.empty();
}

bool req::can_receive() const {
  if (!now_.waiting) return false;
  return now_.to.valid() ? readable_.active(now_.to) : !readable_.empty();
}

errc req::why_no_source() const { return now_.waiting ? errc::would_block : errc::wrong_state; }

}  // namespace monocoque::pattern
