#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/socket_core.hpp"
#include "transport/network.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

/// Often enough for whoever waits half a second for an answer, and next to nothing for a thousand links.
constexpr std::chrono::milliseconds signs_of_life_every{250};

}  // namespace

void link::beat() {
  using enum zmtp::heartbeat::verdict;
  const zmtp::time_point now = loop_.now();
  if (ping_delayed_ && heartbeat_.waits()) look_after_ping(now);
  const bool is_unread = !stream_->reader().pending();
  const zmtp::heartbeat::verdict verdict = heartbeat_.handle_timeout(now, is_unread);
  const bool asks_anew = verdict == ping && heartbeat_.asks_anew();
  if (asks_anew) begin_waiting(now);
  if (verdict == ping) send_ping(asks_anew);
  if (verdict != missed) return;
  error reason = error(errc::heartbeat_timeout).with_detail(heartbeat_.complaint());
  reason = std::move(reason).with_endpoint(options_->endpoint).with_peer(peer_address_);
  socket_->report(event_kind::heartbeat_missed, [&] {
    return event{
        .endpoint = options_->endpoint, .peer_address = peer_address_, .reason = reason, .peer = pipe_->peer};
  });
  stream_->abandon();
  close(std::move(reason));
}

/// The PING whose answer is waited for was written behind other bytes. While they get on, in our queue or, as
/// the peer's system says, in the network, the peer has nothing to answer.
void link::look_after_ping(zmtp::time_point now) {
  bool gets_on = false;
  std::uint64_t ping_end = 0;
  {
    const std::lock_guard lock(socket_->mutex());
    gets_on = std::exchange(progressed_, false) && ping_end_ == not_out;
    ping_end = ping_end_;
  }
  const std::uint64_t before = acknowledged_;
  look_at_acknowledged();
  if (gets_on || acknowledged_ > before) heartbeat_.delayed(now);
  if (acknowledged_ < ping_end) return;
  ping_delayed_ = false;
  heartbeat_.arrived();
}

/// How much of what was written has arrived, at least: a write may be done that we are not told of yet.
void link::look_at_acknowledged() {
  std::uint64_t written = 0;
  {
    const std::lock_guard lock(socket_->mutex());
    written = written_;
  }
  const std::uint64_t queued = socket_->context().network().unacknowledged_bytes(stream_->fd());
  acknowledged_ = std::max(acknowledged_, written - std::min(written, queued));
}

/// The PING that comes next is the one whose answer is waited for.
void link::begin_waiting(zmtp::time_point now) {
  look_at_acknowledged();
  const std::lock_guard lock(socket_->mutex());
  ping_end_ = not_out;
  ping_is_next_ = !control_out_.empty();
  progressed_ = false;
  ping_delayed_ = acknowledged_ < written_ || writing_ || has_output();
  if (ping_delayed_) heartbeat_.look_often(now);
}

/// A PING before any message, so that the peer knows of our heartbeats even if it soon reads no more.
void link::introduce_heartbeats() {
  if (options_->protocol.heartbeats.interval.count() == 0) return;
  const std::lock_guard lock(socket_->mutex());
  if (encode_ping()) start_write();
}

/// What is under way may be an earlier one that has been answered although its write is not known to be done:
/// one that is waited for is always a new one.
void link::send_ping(bool is_waited_for) {
  const std::lock_guard lock(socket_->mutex());
  const bool last_one_is_here = !control_.empty() || !control_out_.empty();
  if (is_waited_for ? control_.size() >= max_control_backlog : last_one_is_here) return;
  if (encode_ping()) start_write();
}

/// False if there was no memory for it, and the connection ends.
bool link::encode_ping() {
  std::array<std::byte, sizeof ping_number_> context{};
  ++ping_number_;
  std::memcpy(context.data(), &ping_number_, sizeof ping_number_);
  const auto ttl_ds = options_->protocol.heartbeats.ttl.count() / 100;
  // One at a time, as an answer may take longer than the interval.
  if (timed_ping_ == 0) {
    timed_ping_ = ping_number_;
    timed_since_ = loop_.now();
  }
  return add_control([&] { protocol_.encode_ping(static_cast<std::uint16_t>(ttl_ds), context, control_); });
}

void link::note_pong(const bytes& context) {
  std::uint64_t number = 0;
  if (context.size() != sizeof number || timed_ping_ == 0) return;
  std::memcpy(&number, context.data(), sizeof number);
  if (number < timed_ping_ || number > ping_number_) return;
  const bool answered = number == timed_ping_;
  timed_ping_ = 0;  // or it was passed over
  if (!answered) return;
  const std::lock_guard lock(socket_->mutex());
  if (!pipe_) return;
  ++pipe_->counters.heartbeats;
  pipe_->counters.round_trip = std::chrono::ceil<std::chrono::microseconds>(loop_.now() - timed_since_);
}

/// While nothing is read, the peer's PINGs go unanswered: it is told now and then that we are there. Only one
/// that has sent a PING: what nobody waits for may lie unread when the peer closes, and then its system
/// resets the connection and drops what we have not read yet.
void link::plan_sign_of_life() {
  if (!is_pinged_ || next_sign_ != zmtp::time_point::max()) return;
  next_sign_ = loop_.now() + signs_of_life_every;
  arm_timeout();
}

void link::give_sign_of_life() {
  if (loop_.now() < next_sign_) return;
  next_sign_ = zmtp::time_point::max();
  if (stream_->reader().pending()) return;  // which answers
  {
    const std::lock_guard lock(socket_->mutex());
    if (control_.empty() && control_out_.empty())
      add_control([this] { protocol_.encode_sign_of_life(control_); });
    start_write();
  }
  plan_sign_of_life();
}

void link::note_peer_ttl() {
  if (protocol_.peer_ttl() == heartbeat_.peer_ttl()) return;
  heartbeat_.set_peer_ttl(protocol_.peer_ttl());
  arm_timeout();
}

}  // namespace monocoque::engine
