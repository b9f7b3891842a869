#pragma once

#include "interruption.hpp"

#include <monocoque/authenticators.hpp>

#include <optional>
#include <string>

namespace tool {

/// `monocoque hash-password ...` as it was typed.
struct hash_password_command {
  std::optional<std::string> user;  ///< none: the hash alone is printed
  monocoque::password_cost cost = monocoque::password_cost::interactive;
};

/// Prints a line for a file of passwords and returns the exit status. Throws monocoque::exception,
/// wrong_usage, std::exception for a password that cannot be had.
[[nodiscard]] int run(const hash_password_command& command, interruption& stop);

}  // namespace tool
