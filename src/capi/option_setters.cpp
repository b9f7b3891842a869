#include "capi/option_setters.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace monocoque::capi {

using std::chrono::milliseconds;

bool set_socks_proxy(settings& in, option_value value) {
  if (value.data != nullptr && value.size == 0) return false;
  in.engine.socks_proxy = value.bytes();
  return true;
}

bool set_routing_id(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  const std::string_view given = value.bytes();
  if (given.empty() || given.size() > longest) return false;
  in.engine.routing_id = bytes::copy(given);
  return true;
}

bool set_connect_routing_id(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  const std::string_view given = value.bytes();
  if (given.empty() || given.size() > longest || given.front() == '\0') return false;
  in.connect_routing_id = bytes::copy(given);
  return true;
}

bool set_max_message_size(settings& in, option_value value) {
  const std::optional<std::int64_t> given = value.long_integer();
  if (!given) return false;
  in.max_message_size = *given;
  in.engine.max_message_size = std::max<std::int64_t>(*given, -1);
  return true;
}

bool set_busy_poll(settings& in, option_value value) {
  const std::optional<int> given = value.integer();
  if (!given) return false;
  in.busy_poll = *given;
  in.engine.busy_poll_us = std::max(*given, 0);
  return true;
}

bool set_conflate(settings& in, option_value value) {
  using enum socket_type;
  constexpr unsigned types = types_of(push, pull, pub, sub, dealer);
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > 1) return false;
  in.conflate = *given == 1;
  in.engine.conflate = in.conflate && (types >> static_cast<unsigned>(in.type) & 1U) != 0;
  return true;
}

bool set_zap_domain(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  const std::optional<std::string_view> given = value.text();
  if (!given || value.size > longest) return false;
  in.engine.zap_domain = *given;
  return true;
}

bool set_router_notify(settings& in, option_value value) {
  constexpr int connect = 1, disconnect = 2;  // ZMQ_NOTIFY_...
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > (connect | disconnect)) return false;
  in.engine.router_notify_connect = (*given & connect) != 0;
  in.engine.router_notify_disconnect = (*given & disconnect) != 0;
  return true;
}

bool set_ipv4_only(settings& in, option_value value) {
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > 1) return false;
  in.engine.ipv6 = *given == 0;
  return true;
}

bool add_metadata(settings& in, option_value value) {
  const std::string_view given = value.bytes();
  const std::size_t colon = given.find(':');
  if (!given.starts_with("X-") || colon == std::string_view::npos || colon + 1 == given.size()) return false;
  in.engine.metadata.insert_or_assign(std::string(given.substr(0, colon)),
                                      std::string(given.substr(colon + 1)));
  return true;
}

bool set_reconnect_stop(settings& in, option_value value) {
  constexpr int refused = 0x1, handshake_failed = 0x2, after_disconnect = 0x4;  // ZMQ_RECONNECT_STOP_...
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > (refused | handshake_failed | after_disconnect)) return false;
  in.engine.reconnect_stop.refused = (*given & refused) != 0;
  in.engine.reconnect_stop.handshake_failed = (*given & handshake_failed) != 0;
  in.engine.reconnect_stop.disconnected = (*given & after_disconnect) != 0;
  return true;
}

bool set_affinity(settings& in, option_value value) {
  if (value.size != sizeof in.engine.io_thread_affinity || value.data == nullptr) return false;
  std::memcpy(&in.engine.io_thread_affinity, value.data, value.size);
  return true;
}

bool add_accept_filter(settings& in, option_value value) {
  constexpr std::size_t longest = 255;
  if (value.data == nullptr && value.size == 0) {
    in.engine.tcp_accept_filters.clear();
    return true;
  }
  const std::optional<std::string_view> given = value.text();
  if (!given || value.size > longest) return false;
  in.engine.tcp_accept_filters.emplace_back(*given);
  return true;
}

bool set_heartbeat_ttl(settings& in, option_value value) {
  constexpr int longest_ms = 6'553'599;
  constexpr int step_ms = 100;
  const std::optional<int> given = value.integer();
  if (!given || *given < 0 || *given > longest_ms) return false;
  in.engine.heartbeat_ttl = milliseconds(*given / step_ms * step_ms);
  return true;
}

}  // namespace monocoque::capi
