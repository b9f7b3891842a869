#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace monocoque::base {

/// Adds text that somebody else chose, which shall not move the cursor of anybody's terminal: octets that are
/// not printable ASCII as \xNN, and no more than 64 of them all.
void append_printable(std::string& line, std::string_view text);

/// The same, in quotes.
[[nodiscard]] std::string printable(std::span<const std::byte> octets);

}  // namespace monocoque::base
