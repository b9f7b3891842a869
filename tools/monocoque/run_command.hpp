#pragma once

#include <string>
#include <vector>

namespace tool {

/// `monocoque run -- PROGRAM ARGS` as it was typed.
struct run_command {
  std::vector<std::string> words;  ///< the program and its arguments; at least one
};

/// Becomes that program, with our libzmq.so.5 found before any other. Returns only if it cannot be started,
/// with the exit status that a shell has then: 127, there is none; 126, it is there and cannot run. Throws
/// std::runtime_error if the library is not where it should be.
[[nodiscard]] int run(const run_command& command);

}  // namespace tool
