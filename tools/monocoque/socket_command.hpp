#pragma once

#include "format.hpp"
#include "interruption.hpp"
#include "security_settings.hpp"
#include "settings.hpp"

#include <monocoque/options.hpp>
#include <monocoque/socket_type.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool {

/// `monocoque TYPE ...` as it was typed.
struct socket_command {
  monocoque::socket_type type = monocoque::socket_type::pair;
  std::vector<std::string> binds, connects;
  std::vector<std::string> words;     ///< what to send; empty: the lines of standard input
  std::vector<std::string> prefixes;  ///< SUB, XSUB: topics; empty: everything
  std::string separator;              ///< --frames; empty: a line is one frame
  std::string routing_id;
  std::optional<std::int64_t> count;       ///< -n
  std::optional<std::int64_t> timeout_ms;  ///< -t; none: no limit
  std::int64_t interval_ms = 0;
  std::optional<std::size_t> wait_peers;  ///< none: 1 for PUB, XPUB and XSUB, 0 for others
  message_format format = message_format::text;
  bool echo = false;
  std::optional<std::string> reply;
  std::optional<std::string> metrics;  ///< where to serve them
  setting_list settings;               ///< -o
  security_settings security;
  bool verbose = false;
  bool ipv6 = false;

  [[nodiscard]] std::chrono::milliseconds timeout() const {
    return timeout_ms ? std::chrono::milliseconds(*timeout_ms) : monocoque::infinite;
  }
};

/// Does it and returns the exit status. Throws monocoque::exception, gave_up, wrong_usage, std::system_error.
[[nodiscard]] int run(const socket_command& command, interruption& stop);

}  // namespace tool
