#pragma once

#include <monocoque/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The text of a password file: NAME:HASH a line, empty lines, and comments that begin with #.
namespace monocoque::auth {

inline constexpr std::size_t max_password_line = 4096;
inline constexpr std::size_t max_username = 255;  ///< bytes, what PLAIN can say

struct password_line {
  std::string name;  ///< may contain ':', which a hash does not
  std::string hash;
};

/// In the order of names, each of which is there once. Refuses, errc::invalid_argument with the line, what is
/// anything else; what it says contains no hash.
[[nodiscard]] result<std::vector<password_line>> read_password_text(std::string_view text);

}  // namespace monocoque::auth
