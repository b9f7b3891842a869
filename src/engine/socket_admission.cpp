#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace monocoque::engine {

void socket_core::pause_accept(bool pause) {
  const std::lock_guard lock(mutex_);
  pause_accept_for(by_application, pause);
}

void socket_core::pause_accept_for(pause_reason reason, bool pause) noexcept {
  const bool before = accept_pauses_ != 0;
  accept_pauses_ = static_cast<std::uint8_t>(pause ? accept_pauses_ | reason : accept_pauses_ & ~reason);
  if ((accept_pauses_ != 0) == before) return;
  for (const auto& each : listeners_) each->pause(accept_pauses_ != 0);
}

result<void> socket_core::admit(const std::string& peer_address) {
  const std::lock_guard lock(mutex_);
  const result<void> entered = admission_.enter(peer_address, context_->now());
  if (entered && admission_.handshakes_exhausted()) pause_accept_for(for_handshakes, true);
  return entered;
}

void socket_core::dismiss(const std::string& peer_address) noexcept {
  const std::lock_guard lock(mutex_);
  if (admission_.handshake_over(peer_address)) pause_accept_for(for_handshakes, false);
  admission_.leave(peer_address);
}

void socket_core::note_handshake_over(const link& of) noexcept {
  if (of.options().dialled) return;
  if (admission_.handshake_over(of.peer_address())) pause_accept_for(for_handshakes, false);
}

void socket_core::note_left(const link& leaving, bool was_ready) noexcept {
  if (leaving.options().dialled) return;
  if (!was_ready) note_handshake_over(leaving);
  admission_.leave(leaving.peer_address());
}

/// Of a STREAM's connection nothing is told that the application has ended itself.
void socket_core::leave_last_word(const link& over) noexcept {
  pipe& of = *over.pipe();
  const socket_options& terms = *over.options().of_socket;
  if (type_ == socket_type::stream) {
    if (terms.stream_notify && !of.sends_no_more) leave_word(of, bytes());
    return;
  }
  if (terms.router_notify_disconnect) leave_word(of, bytes());
  const bytes& words = over.options().dialled ? terms.hiccup_message : terms.disconnect_message;
  if (!words.empty()) leave_word(of, words);
}

/// As if that peer had sent it, behind all that it has.
void socket_core::leave_word(pipe& of, const bytes& words) noexcept {
  if (closing_ || !of.attached) return;
  try {
    std::array<std::byte, base::wire::max_header_size> header{};
    const std::size_t size = base::wire::put_header(header.data(), words.size(), 0);
    std::vector<std::byte> frame(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
    frame.insert(frame.end(), words.begin(), words.end());
    of.in.push(bytes::copy(frame), 1);
  } catch (const std::bad_alloc&) {
    return count_drops(drop_reason::no_memory, 1, &of);
  }
  if (limits_.conflates) count_drops(drop_reason::replaced, of.in.keep_newest(), &of);
  pattern_->set_readable(of.id, true);
  notify(direction::receive);
}

std::vector<peer_status> socket_core::peers() {
  std::vector<peer_status> found;
  const std::lock_guard lock(mutex_);
  for (const pipe_table::place& each : peers_) {
    const pipe* const one = each.tenant.get();
    if (one == nullptr || one->leaving) continue;
    if (one->link != nullptr) {
      const link::terms& terms = one->link->options();
      found.push_back(
          {one->peer, terms.endpoint, terms.dialled, one->counters.round_trip, one->counters.heartbeats});
    } else if (one->inproc && one->inproc->ready) {
      const inproc_end& end = *one->inproc;
      found.push_back({one->peer, end.channel->endpoint(), end.side == inproc_side::connecting, {}, 0});
    }
  }
  return found;
}

result<void> socket_core::disconnect(const peer_info& peer) {
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable("disconnect").with_peer(peer.address);
  const auto found = std::ranges::find_if(peers_, [&](const pipe_table::place& each) {
    const pipe* const one = each.tenant.get();
    return one != nullptr && one->peer.get() == &peer && !one->leaving && (one->link || one->inproc);
  });
  if (found == peers_.end())
    return error(errc::no_such_peer).with_doing("disconnect").with_peer(peer.address);
  error reason = error(errc::closed).with_detail("disconnected by the application").with_peer(peer.address);
  if (pipe& leaving = *found->tenant; leaving.inproc) {
    end_inproc(found->tenant, reason);
  } else {
    leaving.link->close_soon(std::move(reason));
  }
  return {};
}

}  // namespace monocoque::engine
