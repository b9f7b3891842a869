#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <array>
#include <cstring>
#include <mutex>
#include <utility>

namespace monocoque::engine {

void link::beat() {
  using enum zmtp::heartbeat::verdict;
  const zmtp::heartbeat::verdict verdict = heartbeat_.handle_timeout(loop_.now(), is_silence_excused());
  if (verdict == ping) send_ping();
  if (verdict != missed) return;
  error reason = error(errc::heartbeat_timeout).with_detail(heartbeat_.complaint());
  reason = std::move(reason).with_endpoint(options_->endpoint).with_peer(peer_address_);
  event happened{.kind = event_kind::heartbeat_missed,
                 .endpoint = options_->endpoint,
                 .peer_address = peer_address_,
                 .reason = reason,
                 .peer = pipe_->peer};
  socket_->report(std::move(happened));
  close(std::move(reason));
}

/// True if the peer may have spoken and was not read, or could not be asked, because it takes so long to
/// write what goes before the PING.
bool link::is_silence_excused() {
  if (!stream_->reader().pending()) return true;
  const std::lock_guard lock(socket_->mutex());
  const bool progressed = std::exchange(progressed_, false);
  return progressed && !(control_.empty() && control_out_.empty());
}

void link::send_ping() {
  const std::lock_guard lock(socket_->mutex());
  if (!control_.empty() || !control_out_.empty()) return;  // the last one has not left yet
  std::array<std::byte, sizeof ping_number_> context{};
  ++ping_number_;
  std::memcpy(context.data(), &ping_number_, sizeof ping_number_);
  const auto ttl_ds = options_->protocol.heartbeats.ttl.count() / 100;
  protocol_.encode_ping(static_cast<std::uint16_t>(ttl_ds), context, control_);
  pinged_ = loop_.now();
  start_write();
}

void link::note_pong(const bytes& context) {
  if (context.size() != sizeof ping_number_) return;
  if (std::memcmp(context.data(), &ping_number_, sizeof ping_number_) != 0) return;
  const std::lock_guard lock(socket_->mutex());
  if (pipe_) pipe_->counters.round_trip = std::chrono::ceil<std::chrono::microseconds>(loop_.now() - pinged_);
}

void link::note_peer_ttl() {
  if (protocol_.peer_ttl() == heartbeat_.peer_ttl()) return;
  heartbeat_.set_peer_ttl(protocol_.peer_ttl());
  arm_timeout();
}

}  // namespace monocoque::engine
