#pragma once

#include "interruption.hpp"
#include "security_settings.hpp"

#include <monocoque/socket_type.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tool {

/// `monocoque monitor ...` as it was typed.
struct monitor_command {
  std::string endpoint;
  std::optional<monocoque::socket_type> as;  ///< none: what suits the peer and takes no message from others
  std::optional<std::int64_t> count;         ///< heartbeats; none: until it is stopped
  std::int64_t interval_ms = 1000;
  std::int64_t timeout_ms = 10'000;
  security_settings security;
  bool ipv6 = false;
};

/// Does it and returns the exit status. Throws monocoque::exception, gave_up, std::system_error.
[[nodiscard]] int run(const monitor_command& command, interruption& stop);

}  // namespace tool
