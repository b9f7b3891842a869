#include "zmtp/connection.hpp"

#include "base/wire.hpp"
#include "crypto/secret.hpp"
#include "zmtp/connection_impl.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace monocoque::zmtp {

connection::connection(std::shared_ptr<const config> settings, time_point now)
    : impl_(std::make_unique<impl>(std::move(settings), now)) {}
connection::connection(config settings, time_point now)
    : connection(std::make_shared<const config>(std::move(settings)), now) {}
connection::~connection() = default;

void connection::handle_input(bytes chunk) { impl_->handle_input(std::move(chunk)); }

std::span<std::byte> connection::direct_room() {
  if (!ready() || impl_->reader) return {};
  return impl_->opener ? impl_->opener->direct_room() : impl_->decoder.direct_room();
}
void connection::handle_direct(std::size_t size) {
  if (!ready()) return;
  if (impl_->opener) {
    impl_->opener->direct_filled(size);
  } else {
    impl_->decoder.direct_filled(size);
  }
}

event connection::poll_event(std::uint32_t max_messages) { return impl_->poll_event(max_messages); }
messages connection::poll_messages(std::uint32_t max_messages) {
  if (!ready() || !impl_->events.empty()) return {};
  message_batch run = impl_->decoder.next_run(max_messages);
  return {std::move(run.data), run.count};
}
bool connection::at_rest() const noexcept {
  return ready() && !impl_->eof && impl_->events.empty() && !impl_->reader && impl_->decoder.at_rest() &&
         (!impl_->opener || impl_->opener->at_rest());
}
void connection::handle_verdict(verdict decided) { impl_->handle_verdict(std::move(decided)); }
void connection::handle_eof() { impl_->handle_eof(); }
void connection::handle_timeout(time_point now) { impl_->handle_timeout(now); }
time_point connection::next_timeout() const noexcept {
  return impl_->in_handshake() ? impl_->deadline : time_point::max();
}

std::span<const std::byte> connection::output() const noexcept { return impl_->out; }

void connection::consume_output(std::size_t size) noexcept {
  // What is left is small and rare, so moving it to the front costs nothing that matters.
  std::vector<std::byte>& out = impl_->out;
  if (size >= out.size()) {
    crypto::wipe(out);  // a password may have been in it
    std::vector<std::byte>().swap(out);
  } else {
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

void connection::encode_subscription(bool add, std::span<const std::byte> topic,
                                     std::vector<std::byte>& out) const {
  if (impl_->settings->socket_type == socket_type::dish)
    return append_command(out, add ? join_command : leave_command, topic);
  if (impl_->spoken == dialect::v3_1)
    return append_command(out, add ? subscribe_command : cancel_command, topic);
  std::array<std::byte, base::wire::max_header_size> header{};
  append(out, octets(header).first(base::wire::put_header(header.data(), 1 + topic.size(), 0)));
  append_octet(out, add ? 1 : 0);
  append(out, topic);
}

void connection::encode_ping(std::uint16_t ttl_ds, std::span<const std::byte> context,
                             std::vector<std::byte>& out) const {
  if (ready() && impl_->spoken == dialect::v3_1) append_ping(out, ttl_ds, context);
}

void connection::encode_sign_of_life(std::vector<std::byte>& out) const {
  if (ready() && impl_->spoken == dialect::v3_1) append_command(out, pong_command, {});
}

std::unique_ptr<frame_form> connection::take_form() { return std::move(impl_->form); }

bool connection::ready() const noexcept { return impl_->now_in == impl::phase::traffic && !impl_->over; }
bool connection::has_failed() const noexcept { return impl_->over; }
bool connection::greeted() const noexcept { return impl_->spoken.has_value(); }
std::size_t connection::pending_bytes() const noexcept { return impl_->partial_bytes(); }
std::size_t connection::unread_bytes() const noexcept {
  return impl_->decoder.unread_bytes() + (impl_->opener ? impl_->opener->unread_bytes() : 0);
}
std::chrono::milliseconds connection::peer_ttl() const noexcept { return impl_->ttl; }

}  // namespace monocoque::zmtp
