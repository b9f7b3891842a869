#pragma once

#include "demo/demo_command.hpp"
#include "hash_password_command.hpp"
#include "keygen_command.hpp"
#include "monitor_command.hpp"
#include "proxy_command.hpp"
#include "run_command.hpp"
#include "settings.hpp"
#include "socket_command.hpp"

#include <optional>
#include <string>
#include <variant>

namespace tool {

struct version_command {};

/// A process of the demonstration, started by it: `monocoque demo-peer KEY=VALUE...`.
struct demo_peer_command {
  std::vector<std::string> settings;
};

using any_command =
    std::variant<socket_command, proxy_command, monitor_command, options_command, keygen_command,
                 hash_password_command, run_command, demo_command, demo_peer_command, version_command>;

/// What the arguments of the process ask for, or, where they ask for help or are wrong, the exit status after
/// that was printed.
struct parsed_arguments {
  std::optional<any_command> command;
  int status = 0;
};
[[nodiscard]] parsed_arguments parse_arguments(int argc, const char* const* argv);

}  // namespace tool
