#include <monocoque/socket.hpp>

#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"

#include <utility>

namespace monocoque {
namespace {

/// False: it would block.
bool sent_or_throw(engine::attempt_code sent) {
  if (sent == errc::would_block) return false;
  if (sent != engine::succeeded) throw exception(sent);
  return true;
}

void throw_if(error&& failed) {
  if (failed) throw exception(std::move(failed));
}

}  // namespace

socket::socket(context& owner, socket_type type, socket_options options)
    : core_(engine::socket_core::make(owner.core(), type, std::move(options)).value()),
      lanes_(&core_->lanes()) {}

socket::socket(socket&& other) noexcept = default;

socket& socket::operator=(socket&& other) noexcept {
  if (this != &other) {
    if (core_) core_->begin_close();
    core_ = std::move(other.core_);
    lanes_ = other.lanes_;
  }
  return *this;
}

socket::~socket() {
  if (core_) core_->begin_close();
}

result<void> socket::bind(as_result_tag, std::string_view endpoint) { return core_->bind(endpoint); }
result<void> socket::connect(as_result_tag, std::string_view endpoint, const connect_options& options) {
  return core_->connect(endpoint, options);
}
result<void> socket::unbind(as_result_tag, std::string_view endpoint) { return core_->unbind(endpoint); }
result<void> socket::disconnect(as_result_tag, std::string_view endpoint) {
  return core_->disconnect(endpoint);
}
result<void> socket::disconnect(as_result_tag, const peer_info& peer) { return core_->disconnect(peer); }
void socket::pause_accept() { core_->pause_accept(true); }
void socket::resume_accept() { core_->pause_accept(false); }
std::string socket::last_endpoint() const { return core_->last_endpoint(); }

socket_type socket::type() const noexcept { return core_->type(); }
const socket_options& socket::options() const noexcept { return core_->options(); }
bool socket::can_send() const { return core_->ready_for(engine::direction::send); }
bool socket::can_receive() const { return core_->ready_for(engine::direction::receive); }
std::size_t socket::peer_count() const { return core_->peer_count(); }
std::vector<peer_status> socket::peers() const { return core_->peers(); }
std::uint64_t socket::dropped_count() const { return core_->dropped_count(); }
socket_stats socket::stats() const { return core_->stats(); }
class monitor socket::monitor() { return monocoque::monitor(core_->add_monitor()); }

std::size_t socket::close(std::chrono::milliseconds deadline) {
  return core_->close(core_->context().deadline_after(deadline));
}

void socket::send_slowly(message& what, const std::stop_token& stop) {
  const engine::attempt_code tried = core_->try_send(what);
  if (tried == engine::succeeded) return core_->keep_pace();
  throw_if(core_->send_after(tried, what, options().send_timeout, stop));
}
bool socket::sent_in_place(std::size_t size, const detail::payload_writer& fill) {
  if (!core_->try_send_in_place(size, fill)) return false;
  core_->keep_pace();
  return true;
}
void socket::send_adopted(std::string&& what, const std::stop_token& stop) {
  message adopted(std::move(what));
  send_slowly(adopted, stop);
}
void socket::send_slowly(std::span<const std::byte> payload, const std::stop_token& stop) {
  const engine::attempt_code tried = core_->try_send(payload);
  if (tried == engine::succeeded) return core_->keep_pace();
  throw_if(core_->send_after(tried, payload, options().send_timeout, stop));
}
void socket::send_slowly(std::span<const frame_view> frames, const std::stop_token& stop) {
  const engine::attempt_code tried = core_->try_send(frames);
  if (tried == engine::succeeded) return core_->keep_pace();
  throw_if(core_->send_after(tried, frames, options().send_timeout, stop));
}
result<void> socket::send(as_result_tag, message& what, std::stop_token stop) {
  return core_->send(what, options().send_timeout, stop);
}
result<void> socket::send_for(as_result_tag, message& what, std::chrono::milliseconds timeout,
                              std::stop_token stop) {
  return core_->send(what, timeout, stop);
}
bool socket::send_for(message& what, std::chrono::milliseconds timeout, std::stop_token stop) {
  error failed = core_->send(what, timeout, stop);
  if (failed == errc::timed_out) return false;
  if (failed) throw exception(std::move(failed));
  return true;
}
result<void> socket::try_send(as_result_tag, message& what) { return core_->try_send(what); }
bool socket::try_send(message& what) { return sent_or_throw(core_->try_send(what)); }
bool socket::try_send_slowly(std::span<const std::byte> payload) {
  return sent_or_throw(core_->try_send(payload));
}
bool socket::try_send_slowly(std::span<const frame_view> frames) {
  return sent_or_throw(core_->try_send(frames));
}

void socket::receive_slowly(message& into, const std::stop_token& stop) {
  const engine::attempt_code tried = core_->try_receive(into);
  if (tried == engine::succeeded) return;
  throw_if(core_->receive_after(tried, into, options().receive_timeout, stop));
}

// Each returns one object by its name, which is thus made in the caller's place.
result<message> socket::receive(as_result_tag, std::stop_token stop) {
  return receive_for(as_result, options().receive_timeout, std::move(stop));
}
result<message> socket::receive_for(as_result_tag, std::chrono::milliseconds timeout, std::stop_token stop) {
  result<message> received{message()};
  if (error failed = core_->receive(*received, timeout, stop)) received = std::move(failed);
  return received;
}
std::optional<message> socket::receive_for(std::chrono::milliseconds timeout, std::stop_token stop) {
  std::optional<message> received{std::in_place};
  if (error failed = core_->receive(*received, timeout, stop)) {
    if (!(failed == errc::timed_out)) throw exception(std::move(failed));
    received.reset();
  }
  return received;
}
result<message> socket::try_receive(as_result_tag) {
  result<message> received{message()};
  const engine::attempt_code tried = core_->try_receive(*received);
  if (tried != engine::succeeded) received = error(tried);
  return received;
}
void socket::try_receive_slowly(std::optional<message>& received) {
  const engine::attempt_code tried = core_->try_receive(*received);
  if (tried == engine::succeeded) return;
  if (tried != errc::would_block) throw exception(tried);
  received.reset();
}

}  // namespace monocoque
