#pragma once

#include "interruption.hpp"
#include "security_settings.hpp"
#include "settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool {

enum class proxy_type : std::uint8_t {
  queue,      ///< ROUTER and DEALER, for REQ and REP
  forwarder,  ///< XSUB and XPUB, for PUB and SUB
  streamer    ///< PULL and PUSH, for PUSH and PULL
};

/// `monocoque proxy ...` as it was typed.
struct proxy_command {
  proxy_type type = proxy_type::queue;
  std::vector<std::string> frontend_binds, frontend_connects;
  std::vector<std::string> backend_binds, backend_connects;
  setting_list settings, frontend_settings, backend_settings;  ///< -o of both, of each
  security_settings security, frontend_security, backend_security;
  std::vector<std::string> captures;   ///< a PUB that binds; empty: none
  std::optional<std::string> metrics;  ///< where to serve them
  bool verbose = false;
};

/// Runs until it is stopped and returns the exit status. Throws monocoque::exception, wrong_usage.
[[nodiscard]] int run(const proxy_command& command, interruption& stop);

}  // namespace tool
