#include "engine/authentication.hpp"
#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <cerrno>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

constexpr zmtp::heartbeat_terms no_heartbeats{};

}  // namespace

void link::read_more() {
  if (state_ >= state::closing || stream_->reader().pending()) return;
  // Stopped for want of room, nothing is read, so TCP pushes back; resume_reading comes when there is room
  // again.
  if (!take_events()) {
    plan_sign_of_life();
    return;
  }
  if (state_ >= state::closing || stream_->reader().pending()) return;
  const std::span<std::byte> room = protocol_.direct_room();
  const auto done = io::bind_callback<&link::on_read>(this);
  if (room.empty()) {
    stream_->reader().read_some(done);
  } else {
    note_partial();
    stream_->reader().read_into(room, done);
  }
}

/// Only while a message is read into its own memory: what is short is gone with the next read.
void link::note_partial() { partial_bytes_.store(protocol_.pending_bytes(), std::memory_order_relaxed); }

void link::on_read(io::read_outcome& got) noexcept {
  const std::shared_ptr<link> keep = shared_from_this();
  if (state_ >= state::closing) {
    with_memory([&] { take_last(got); }, [] {});
    finish_if_idle();
    return;
  }
  if (got.error == ENOMEM) {
    retry_later();
    return;
  }
  with_memory_or_close([&] { take_in(got); });
}

void link::take_in(io::read_outcome& got) {
  if (got.error != 0) {
    close(error::from_errno(got.error, "read"));
    return;
  }
  heartbeat_.heard(loop_.now());
  take(got);
  if (state_ == state::handshake && greeted_ == zmtp::time_point{} && protocol_.greeted())
    greeted_ = loop_.now();
  read_more();
}

/// It was done before it could be cancelled.
void link::take_last(io::read_outcome& got) {
  if (lost_track(reason_)) return;
  if (got.error == 0 && got.size > 0) take(got);
  deliver_rest();
}

void link::take(io::read_outcome& got) {
  if (got.size == 0) {
    protocol_.handle_eof();
  } else if (got.data.empty()) {
    protocol_.handle_direct(got.size);
    if (protocol_.direct_room().empty()) partial_bytes_.store(0, std::memory_order_relaxed);
  } else {
    protocol_.handle_input(std::move(got.data));
  }
}

/// False if it stopped because the pipe has no room: what was read already is held back in the protocol.
bool link::take_events() {
  bool has_room = true;
  std::optional<std::uint32_t> room;
  while (state_ < state::closing) {
    const bool is_active = state_ == state::active;
    if (!room) room = is_active ? socket_->room_for(*this) : 0;
    has_room = !is_active || *room > 0;
    if (!has_room && socket_->holds_commands_back()) break;
    if (has_room && protocol_.at_rest()) break;
    if (zmtp::messages run = protocol_.poll_messages(*room); run.count != 0) {
      room = socket_->deliver(*this, std::move(run.data), run.count);
      continue;
    }
    zmtp::event next = protocol_.poll_event(*room);
    if (std::holds_alternative<std::monostate>(next)) break;
    room = take(next);
  }
  if (state_ < state::closing) send_protocol_output();
  return has_room;
}

/// The connection ends: whole messages that were read and are held back for want of room. While a read is
/// pending there are none. The peer's commands mean nothing any more.
void link::deliver_rest() {
  if (stream_->reader().pending()) return;
  for (;;) {
    zmtp::event next = protocol_.poll_event();
    if (std::holds_alternative<std::monostate>(next)) return;
    if (auto* const run = std::get_if<zmtp::messages>(&next))
      socket_->deliver_last(*this, std::move(run->data), run->count);
  }
}

/// Answers how much room there is now, if that is known.
std::optional<std::uint32_t> link::take(zmtp::event& what) {
  if (auto* const run = std::get_if<zmtp::messages>(&what)) {
    return socket_->deliver(*this, std::move(run->data), run->count);
  }
  if (auto* const change = std::get_if<zmtp::subscription>(&what)) {
    socket_->on_subscription(*this, change->add, change->topic);
  } else if (auto* const done = std::get_if<zmtp::handshake_done>(&what)) {
    become_ready(std::move(done->peer));
  } else if (auto* const answer = std::get_if<zmtp::pong>(&what)) {
    note_pong(answer->context);
  } else if (auto* const shown = std::get_if<zmtp::claim>(&what)) {
    ask_for_verdict(std::move(*shown));
  } else if (auto* const over = std::get_if<zmtp::failed>(&what)) {
    announced_ = std::move(over->announced);
    refused_with_ = over->status;
    failed_at_ = std::move(over->command);
    close(std::move(over->reason));
  }
  return std::nullopt;
}

void link::become_ready(peer_info who) {
  // What is left of our handshake goes before any message.
  send_protocol_output();
  {
    const std::lock_guard lock(socket_->mutex());
    form_ = protocol_.take_form();
    handshake_size_ = control_.size();
  }
  who.address = peer_address_;
  who.host = host_in(peer_address_);
  who.descriptor = descriptor();
  // libzmq sends them to whoever speaks 3.0, too.
  const bool knows_heartbeats =
      who.zmtp_major == 3 && (who.zmtp_minor >= 1 || socket_->context().behaves_as_libzmq());
  if (knows_heartbeats) introduce_heartbeats();
  const result<void> accepted = socket_->link_ready(*this, std::move(who));
  if (!accepted) {
    close(accepted.error());
    return;
  }
  state_ = state::active;
  heartbeat_.start(knows_heartbeats ? options_->protocol.heartbeats : no_heartbeats, loop_.now());
  arm_timeout();
  if (owner_ != nullptr) owner_->on_link_ready();
}

void link::send_protocol_output() {
  const std::span<const std::byte> output = protocol_.output();
  if (output.empty()) return;
  if (state_ == state::active) {
    is_pinged_ = true;  // there is nothing else to answer
    note_peer_ttl();
  }
  const std::lock_guard lock(socket_->mutex());
  // A peer that asks (PING) and does not read the answers: they stay in the protocol, which makes no more of
  // them.
  if (state_ == state::active && control_.size() >= max_control_backlog) return;
  control_.insert(control_.end(), output.begin(), output.end());
  protocol_.consume_output(output.size());
  start_write();
}

}  // namespace monocoque::engine
