#pragma once

#include "interruption.hpp"

#include <string>
#include <vector>

namespace tool {

/// `monocoque demo ...` as it was typed.
struct demo_command {
  double seconds = 2.0;                 ///< how long each scene sends
  std::vector<std::string> only;        ///< scenes; empty: all
  std::vector<std::string> transports;  ///< empty: tcp and ipc
  std::string python = "/usr/bin/python3";
  std::string fault;  ///< what one peer is to do wrong; empty: nothing
};

/// What `only` may name.
[[nodiscard]] const std::vector<std::string>& scene_names();

/// Plays the scenes, prints the table and returns the exit status: failed if any message was not as it should
/// be.
[[nodiscard]] int run(const demo_command& command, interruption& stop);

}  // namespace tool
