#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tool {

/// `monocoque keygen ...` as it was typed.
struct keygen_command {
  std::optional<std::string> out;     ///< none: standard output
  std::vector<std::string> metadata;  ///< NAME=VALUE
};

/// Makes a pair of keys for CURVE and returns the exit status. Throws monocoque::exception, wrong_usage.
[[nodiscard]] int run(const keygen_command& command);

}  // namespace tool
