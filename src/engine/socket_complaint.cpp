// What is said of a call that failed: `send tcp://127.0.0.1:5555: not allowed in the socket's current state
// (...)`. Apart from the calls themselves, which answer bare codes as long as nobody prints them.

#include "engine/socket_complaint.hpp"

#include "base/printable.hpp"
#include "engine/socket_core.hpp"

#include <mutex>
#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

std::string_view why_out_of_turn(socket_type type, direction doing) noexcept {
  const bool sends = doing == direction::send;
  if (type == socket_type::req)
    return sends ? "the reply to the last request comes first" : "a request goes first";
  return sends ? "a request comes first" : "the reply to the last request goes first";
}

std::string_view why_malformed(socket_type type) noexcept {
  switch (type) {
    case socket_type::client:
    case socket_type::scatter:
    case socket_type::channel: return "a message of this type has one frame";
    case socket_type::server:
    case socket_type::peer: return "a message is a frame that names its peer, and one more";
    case socket_type::radio:
      return "a RADIO's message is two frames, a group of up to 255 octets and a payload";
    case socket_type::dgram:
      return "a DGRAM's message is two frames, \"ADDRESS:PORT\" and a payload of up to 8192 octets";
    default: return "a ROUTER's message begins with a frame that names its peer";
  }
}

}  // namespace

std::string_view explanation(errc code, socket_type type, direction doing) noexcept {
  switch (code) {
    case errc::wrong_state: return why_out_of_turn(type, doing);
    case errc::invalid_argument: return why_malformed(type);
    case errc::would_deadlock: return "in a coroutine, await the asynchronous call";
    default: return {};
  }
}

error socket_core::complaint(direction doing, const error& failed, std::span<const std::byte> first) {
  if (!failed.doing().empty() || failed.code().category() != error_category()) return failed;
  const auto code = static_cast<errc>(failed.code().value());
  error told = error(failed).with_doing(doing == direction::send ? "send" : "receive");
  if (std::string where = only_endpoint(); !where.empty())
    told = std::move(told).with_endpoint(std::move(where));
  if (code == errc::unroutable) return std::move(told).with_peer(base::printable(first));
  const std::string_view why = explanation(code, type_, doing);
  return why.empty() || !failed.detail().empty() ? told : std::move(told).with_detail(std::string(why));
}

/// The endpoint that a message comes from or goes to, if there is no choice.
std::string socket_core::only_endpoint() {
  const std::lock_guard lock(mutex_);
  const bool several = dialers_.size() + listeners_.size() + datagram_ends_.size() + inproc_names_.size() > 1;
  return several ? std::string() : last_endpoint_;
}

/// With the monitor held.
error socket_core::why_unusable(std::string_view doing, std::string_view where) const {
  error told = error(why_unusable()).with_doing(std::string(doing));
  return where.empty() ? told : std::move(told).with_endpoint(std::string(where));
}

result<void> socket_core::require_usable(std::string_view doing) {
  const std::lock_guard lock(mutex_);
  if (!usable()) return why_unusable(doing, last_endpoint_);
  return {};
}

}  // namespace monocoque::engine
