#pragma once

#include "engine/socket_core.hpp"

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace monocoque::engine {

// What is short and on every message's way.

inline error socket_core::send(message& what, std::chrono::milliseconds timeout,
                               const std::stop_token& stop) {
  const attempt_code tried = try_send(what);
  if (tried != succeeded) return send_after(tried, what, timeout, stop);
  keep_pace();
  return {};
}

inline error socket_core::receive(message& into, std::chrono::milliseconds timeout,
                                  const std::stop_token& stop) {
  return receive_after(try_receive(into), into, timeout, stop);
}

inline void socket_core::keep_pace() {
  if (inline_ && is_congested()) await_relief();
}

inline void socket_core::report_fan_drops() noexcept {
  const std::uint64_t dropped = mutex_.lanes().to_all().dropped();
  if (dropped != counted_.fan_drops_reported) tell_fan_drops(dropped);
}

}  // namespace monocoque::engine
