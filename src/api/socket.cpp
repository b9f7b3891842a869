#include <monocoque/socket.hpp>

#include "api/socket_access.hpp"
#include "engine/context_core.hpp"
#include "engine/event_queue.hpp"
#include "engine/socket_core.hpp"

#include <utility>

namespace monocoque {
namespace {

using engine::direction;

/// What an object that was moved from has: no message goes over them.
detail::lanes& closed_lanes() noexcept {
  static detail::lanes none;
  return none;
}

std::span<const std::byte> first_of(const message& what) { return what.span(0); }
std::span<const std::byte> first_of(std::span<const std::byte> payload) { return payload; }
std::span<const std::byte> first_of(std::span<const frame_view> frames) {
  return frames.empty() ? std::span<const std::byte>() : frames.front().span();
}

/// What is thrown is likely to be printed.
template <class Content>
void throw_if(engine::socket_core& core, const error& failed, const Content& what) {
  if (failed) throw exception(core.complaint(direction::send, failed, first_of(what)));
}
void throw_if(engine::socket_core& core, const error& failed) {
  if (failed) throw exception(core.complaint(direction::receive, failed));
}

/// False: it would block.
template <class Content>
bool sent_or_throw(engine::socket_core& core, engine::attempt_code sent, const Content& what) {
  if (sent == errc::would_block) return false;
  if (sent != engine::succeeded) throw_if(core, sent, what);
  return true;
}

/// Of a result it depends: the ordinary outcomes of a wait stay as cheap as they are.
bool is_ordinary(const error& outcome) noexcept {
  return outcome == errc::would_block || outcome == errc::timed_out || outcome == errc::cancelled;
}

result<void> sent_or_error(engine::socket_core& core, error failed, const message& what) {
  if (!failed) return {};
  return is_ordinary(failed) ? failed : core.complaint(direction::send, failed, what.span(0));
}

}  // namespace

socket::socket(context& owner, socket_type type, socket_options options)
    : core_(engine::socket_core::make(owner.core(), type, std::move(options)).value()),
      lanes_(&core_->lanes()) {}

socket::socket(socket&& other) noexcept
    : core_(std::move(other.core_)), lanes_(std::exchange(other.lanes_, &closed_lanes())) {}

socket& socket::operator=(socket&& other) noexcept {
  if (this != &other) {
    if (core_) core_->begin_close();
    core_ = std::move(other.core_);
    lanes_ = std::exchange(other.lanes_, &closed_lanes());
  }
  return *this;
}

socket::~socket() {
  if (core_) core_->begin_close();
}

void socket::throw_moved_from() { throw exception(moved_from()); }

result<void> socket::bind(as_result_tag, std::string_view endpoint) {
  return core_ ? core_->bind(endpoint) : moved_from("bind");
}
result<void> socket::connect(as_result_tag, std::string_view endpoint, const connect_options& options) {
  return core_ ? core_->connect(endpoint, options) : moved_from("connect");
}
result<void> socket::unbind(as_result_tag, std::string_view endpoint) {
  return core_ ? core_->unbind(endpoint) : moved_from("unbind");
}
result<void> socket::disconnect(as_result_tag, std::string_view endpoint) {
  return core_ ? core_->disconnect(endpoint) : moved_from("disconnect");
}
result<void> socket::disconnect(as_result_tag, const peer_info& peer) {
  return core_ ? core_->disconnect(peer) : moved_from("disconnect");
}
void socket::pause_accept() { live().pause_accept(true); }
void socket::resume_accept() { live().pause_accept(false); }
std::string socket::last_endpoint() const { return live().last_endpoint(); }

socket_type socket::type() const noexcept { return core_ ? core_->type() : socket_type::pair; }
const socket_options& socket::options() const noexcept {
  if (core_) return core_->options();
  // Only here: a child process would wait for ever for a thread that was just making it when it was forked.
  static const socket_options defaults;
  return defaults;
}
bool socket::can_send() const { return live().ready_for(direction::send); }
bool socket::can_receive() const { return live().ready_for(direction::receive); }
std::size_t socket::peer_count() const { return live().peer_count(); }
std::vector<peer_status> socket::peers() const { return live().peers(); }
std::uint64_t socket::dropped_count() const { return live().dropped_count(); }
socket_stats socket::stats() const { return live().stats(); }
class monitor socket::monitor() { return monocoque::monitor(live().add_monitor()); }

std::size_t socket::close(std::chrono::milliseconds deadline) {
  return core_ ? core_->close(core_->context().deadline_after(deadline)) : 0;
}

void socket::send_slowly(message& what, const std::stop_token& stop) {
  engine::socket_core& core = live();
  const engine::attempt_code tried = core.try_send(what);
  if (tried == engine::succeeded) return core.keep_pace();
  throw_if(core, core.send_after(tried, what, options().send_timeout, stop), what);
}
bool socket::sent_in_place(std::size_t size, const detail::payload_writer& fill) {
  engine::socket_core& core = live();
  if (!core.try_send_in_place(size, fill)) return false;
  core.keep_pace();
  return true;
}
bool socket::sent_in_place(std::span<const std::size_t> sizes, const detail::frames_writer& fill) {
  engine::socket_core& core = live();
  if (!core.try_send_in_place(sizes, fill)) return false;
  core.keep_pace();
  return true;
}
void socket::send_adopted(std::string&& what, const std::stop_token& stop) {
  message adopted(std::move(what));
  send_slowly(adopted, stop);
}
void socket::send_slowly(std::span<const std::byte> payload, const std::stop_token& stop) {
  engine::socket_core& core = live();
  const engine::attempt_code tried = core.try_send(payload);
  if (tried == engine::succeeded) return core.keep_pace();
  throw_if(core, core.send_after(tried, payload, options().send_timeout, stop), payload);
}
void socket::send_slowly(std::span<const frame_view> frames, const std::stop_token& stop) {
  engine::socket_core& core = live();
  const engine::attempt_code tried = core.try_send(frames);
  if (tried == engine::succeeded) return core.keep_pace();
  throw_if(core, core.send_after(tried, frames, options().send_timeout, stop), frames);
}
result<void> socket::send(as_result_tag, message& what, std::stop_token stop) {
  return send_for(as_result, what, options().send_timeout, std::move(stop));
}
result<void> socket::send_for(as_result_tag, message& what, std::chrono::milliseconds timeout,
                              std::stop_token stop) {
  if (!core_) return moved_from("send");
  return sent_or_error(*core_, core_->send(what, timeout, stop), what);
}
bool socket::send_for(message& what, std::chrono::milliseconds timeout, std::stop_token stop) {
  const error failed = live().send(what, timeout, stop);
  if (failed == errc::timed_out) return false;
  throw_if(*core_, failed, what);
  return true;
}
result<void> socket::try_send(as_result_tag, message& what) {
  if (!core_) return moved_from("send");
  const engine::attempt_code tried = core_->try_send(what);
  return tried == engine::succeeded ? result<void>() : sent_or_error(*core_, tried, what);
}
bool socket::try_send(message& what) {
  engine::socket_core& core = live();
  return sent_or_throw(core, core.try_send(what), what);
}
bool socket::try_send_slowly(std::span<const std::byte> payload) {
  engine::socket_core& core = live();
  return sent_or_throw(core, core.try_send(payload), payload);
}
bool socket::try_send_slowly(std::span<const frame_view> frames) {
  engine::socket_core& core = live();
  return sent_or_throw(core, core.try_send(frames), frames);
}

void socket::receive_slowly(message& into, const std::stop_token& stop) {
  engine::socket_core& core = live();
  const engine::attempt_code tried = core.try_receive(into);
  if (tried == engine::succeeded) return;
  throw_if(core, core.receive_after(tried, into, options().receive_timeout, stop));
}

// Each returns one object by its name, which is thus made in the caller's place.
result<message> socket::receive(as_result_tag, std::stop_token stop) {
  return receive_for(as_result, options().receive_timeout, std::move(stop));
}
result<message> socket::receive_for(as_result_tag, std::chrono::milliseconds timeout, std::stop_token stop) {
  result<message> received{message()};
  error failed = core_ ? core_->receive(*received, timeout, stop) : moved_from("receive");
  if (failed)
    received =
        is_ordinary(failed) || !core_ ? std::move(failed) : core_->complaint(direction::receive, failed);
  return received;
}
std::optional<message> socket::receive_for(std::chrono::milliseconds timeout, std::stop_token stop) {
  std::optional<message> received{std::in_place};
  if (const error failed = live().receive(*received, timeout, stop)) {
    if (failed != errc::timed_out) throw_if(*core_, failed);
    received.reset();
  }
  return received;
}
result<message> socket::try_receive(as_result_tag) {
  result<message> received{message()};
  if (!core_) {
    received = moved_from("receive");
    return received;
  }
  const engine::attempt_code tried = core_->try_receive(*received);
  if (tried == errc::would_block) {
    received = error(tried);
  } else if (tried != engine::succeeded) {
    received = core_->complaint(direction::receive, tried);
  }
  return received;
}
void socket::try_receive_slowly(std::optional<message>& received) {
  const engine::attempt_code tried = live().try_receive(*received);
  if (tried == engine::succeeded) return;
  if (tried != errc::would_block) throw_if(*core_, tried);
  received.reset();
}

}  // namespace monocoque
