#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <mutex>
#include <utility>

namespace monocoque::engine {

void link::read_more() {
  if (state_ >= state::closing || stream_->reader().pending()) return;
  take_events();
  if (state_ >= state::closing || stream_->reader().pending()) return;
  // With no room for another message nothing is read, so TCP pushes back; resume_reading comes when there is.
  if (state_ == state::active && socket_->room_for(*this) == 0) return;
  const std::span<std::byte> room = protocol_.direct_room();
  const auto done = io::bind_callback<&link::on_read>(this);
  if (room.empty()) {
    stream_->reader().read_some(done);
  } else {
    stream_->reader().read_into(room, done);
  }
}

void link::on_read(io::read_outcome& got) noexcept {
  const std::shared_ptr<link> keep = shared_from_this();
  if (state_ >= state::closing) {
    finish_if_idle();
    return;
  }
  if (got.error != 0) {
    close(error::from_errno(got.error, "read").with_peer(options_.peer_address));
    return;
  }
  if (got.size == 0) {
    protocol_.handle_eof();
  } else if (got.data.empty()) {
    protocol_.handle_direct(got.size);
  } else {
    protocol_.handle_input(std::move(got.data));
  }
  read_more();
}

void link::take_events() {
  while (state_ < state::closing) {
    const std::uint32_t room = state_ == state::active ? socket_->room_for(*this) : 0;
    if (state_ == state::active && room == 0 && socket_->holds_commands_back()) break;
    zmtp::event next = protocol_.poll_event(room);
    if (std::holds_alternative<std::monostate>(next)) break;
    take(next);
  }
  if (state_ < state::closing) send_protocol_output();
}

void link::take(zmtp::event& what) {
  if (auto* const run = std::get_if<zmtp::messages>(&what)) {
    socket_->deliver(*this, std::move(run->data), run->count);
  } else if (auto* const change = std::get_if<zmtp::subscription>(&what)) {
    socket_->on_subscription(*this, change->add, change->topic);
  } else if (auto* const done = std::get_if<zmtp::handshake_done>(&what)) {
    become_ready(std::move(done->peer));
  } else if (auto* const over = std::get_if<zmtp::failed>(&what)) {
    close(std::move(over->reason).with_endpoint(options_.endpoint).with_peer(options_.peer_address));
  }
}

void link::become_ready(peer_info who) {
  // What is left of our handshake goes before any message.
  send_protocol_output();
  who.address = options_.peer_address;
  const result<void> accepted = socket_->link_ready(*this, std::move(who));
  if (!accepted) {
    close(error(accepted.error()).with_endpoint(options_.endpoint).with_peer(options_.peer_address));
    return;
  }
  state_ = state::active;
  arm_timeout();
  if (owner_ != nullptr) owner_->on_link_ready();
}

void link::send_protocol_output() {
  const std::span<const std::byte> output = protocol_.output();
  if (output.empty()) return;
  const std::lock_guard lock(socket_->mutex());
  control_.insert(control_.end(), output.begin(), output.end());
  protocol_.consume_output(output.size());
  start_write();
}

}  // namespace monocoque::engine
