#pragma once

#include <optional>
#include <stop_token>
#include <string>

namespace tool {

/// The one line of a file that is ours and that nobody else may read or write. Throws std::system_error and
/// std::runtime_error, which say nothing of its content.
[[nodiscard]] std::string read_private_line(const std::string& path);

/// A password from standard input: its first line; from a terminal without echo and twice. None if `stop`
/// fires. Throws std::runtime_error if there is none, or if the two differ.
[[nodiscard]] std::optional<std::string> ask_for_password(const std::stop_token& stop);

}  // namespace tool
