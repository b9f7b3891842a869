#include <monocoque/monitor.hpp>

#include "engine/deadline.hpp"
#include "engine/event_queue.hpp"

#include <array>
#include <utility>

namespace monocoque {
namespace {

// In the order of event_kind.
constexpr std::array<std::string_view, 10> kind_names{
    "listening",       "bind failed",    "accepted",         "accept failed", "connected",
    "connect retried", "handshake done", "handshake failed", "disconnected",  "closed"};

}  // namespace

std::string_view name_of(event_kind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  return index < kind_names.size() ? kind_names[index] : std::string_view("unknown");
}

std::string event::text() const {
  std::string line(name_of(kind));
  line.append(" ").append(endpoint);
  if (!peer_address.empty() && peer_address != endpoint) line.append(", peer ").append(peer_address);
  if (kind == event_kind::handshake_done && peer) {
    line.append(", ").append(peer->socket_type.empty() ? "type unknown" : peer->socket_type);
    line.append(", ZMTP ")
        .append(std::to_string(peer->zmtp_major))
        .append(".")
        .append(std::to_string(peer->zmtp_minor));
  }
  if (reason) {
    line.append(": ").append(reason.code().message());
    if (!reason.detail().empty()) line.append(" (").append(reason.detail()).append(")");
  }
  if (kind == event_kind::connect_retried)
    line.append(", next attempt in ").append(std::to_string(delay.count())).append(" ms");
  if (missed > 0) line.append(" [").append(std::to_string(missed)).append(" events missed before this one]");
  return line;
}

result<event> monitor::receive(as_result_tag, std::stop_token stop) {
  return queue_->take(std::chrono::steady_clock::time_point::max(), stop);
}
result<event> monitor::receive_for(as_result_tag, std::chrono::milliseconds timeout, std::stop_token stop) {
  return queue_->take(engine::deadline_after(timeout), stop);
}
std::optional<event> monitor::try_receive() { return queue_->try_take(); }

}  // namespace monocoque
