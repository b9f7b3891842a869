#include <monocoque/event.hpp>

#include "base/printable.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace monocoque {
namespace {

// In the order of event_kind.
constexpr std::array<std::string_view, event_kind_count> kind_names{
    "listening",        "bind failed",     "accepted",         "accept failed",      "accept resumed",
    "refused",          "connect delayed", "connected",        "connect retried",    "handshake done",
    "handshake failed", "disconnected",    "heartbeat missed", "high water reached", "high water left",
    "dropped",          "closed"};

std::string_view text_of(const bytes& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// With tenths, from microseconds.
std::string milliseconds_of(std::chrono::microseconds span) {
  const auto tenths = (span.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

void append_who(std::string& line, const peer_info& peer) {
  line.append(", ");
  if (peer.socket_type.empty()) line.append("type unknown");
  base::append_printable(line, peer.socket_type);
  if (!peer.routing_id.empty()) {
    line.append(", identity ");
    base::append_printable(line, text_of(peer.routing_id));
  }
}

void append_terms(std::string& line, const peer_info& peer) {
  if (peer.zmtp_major == 0) {
    line.append(", no ZMTP");
  } else {
    line.append(", ZMTP ").append(std::to_string(peer.zmtp_major)).append(".");
    line.append(std::to_string(peer.zmtp_minor));
  }
  if (!peer.mechanism.empty()) line.append(", ").append(peer.mechanism);
  for (const auto& [name, value] : peer.metadata) {
    if (!name.starts_with("X-")) continue;  // the others are the type and the identity, which were said
    line.append(", ");
    base::append_printable(line, name);
    line.append("=");
    base::append_printable(line, value);
  }
}

void append_reason(std::string& line, const error& reason) {
  line.append(": ").append(reason.code().message());
  if (!reason.detail().empty()) line.append(" (").append(reason.detail()).append(")");
}

void append_amount(std::string& line, const event& what) {
  if (what.kind == event_kind::dropped) {
    line.append(": ").append(std::to_string(what.count));
    line.append(what.count == 1 ? " message, " : " messages, ").append(name_of(what.why));
  } else {
    line.append(what.sending ? ", sending" : ", receiving");
    if (what.count > 1) line.append(", ").append(std::to_string(what.count)).append(" times");
  }
}

}  // namespace

std::string_view name_of(event_kind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  return index < kind_names.size() ? kind_names[index] : std::string_view("unknown");
}

std::string event::text() const {
  using enum event_kind;
  std::string line(name_of(kind));
  if (!endpoint.empty()) line.append(" ").append(endpoint);
  if (!peer_address.empty() && peer_address != endpoint) line.append(", peer ").append(peer_address);
  const bool about_somebody = kind == handshake_done || kind == handshake_failed || kind == disconnected;
  if (about_somebody && peer) append_who(line, *peer);
  if (kind == handshake_done && peer) append_terms(line, *peer);
  if (kind == handshake_done && handshake_time.count() > 0)
    line.append(", in ").append(milliseconds_of(handshake_time));
  if (kind == high_water_reached || kind == high_water_left || kind == dropped) append_amount(line, *this);
  if (reason) append_reason(line, reason);
  if (kind == connect_retried)
    line.append(", next attempt in ").append(std::to_string(delay.count())).append(" ms");
  if (missed > 0) line.append(" [").append(std::to_string(missed)).append(" events missed before this one]");
  return line;
}

}  // namespace monocoque
