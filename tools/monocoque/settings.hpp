#pragma once

#include <monocoque/options.hpp>
#include <monocoque/socket_type.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tool {

/// `-o NAME=VALUE`, each as it was typed.
using setting_list = std::vector<std::string>;

/// Sets what they say, in their order. Throws wrong_usage.
void apply(const setting_list& settings, monocoque::socket_options& to);
/// Throws wrong_usage for options that a socket of that type does not have, or that are out of their range.
void check(monocoque::socket_type type, const monocoque::socket_options& options);

/// `monocoque options [TYPE]` as it was typed.
struct options_command {
  std::optional<monocoque::socket_type> type;  ///< none: of all types
};
/// Prints the options that there are. Throws as `output`.
[[nodiscard]] int run(const options_command& command);

}  // namespace tool
