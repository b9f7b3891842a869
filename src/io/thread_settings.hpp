#pragma once

#include <monocoque/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace monocoque::io {

/// How the system is to treat a thread; what is left out stays as the thread that started it has it.
struct thread_settings {
  std::optional<int> policy{};    ///< SCHED_OTHER, SCHED_FIFO, ...
  std::optional<int> priority{};  ///< SCHED_FIFO and SCHED_RR: 1 to 99; others: above 0: the least niceness
  std::vector<unsigned> processors{};  ///< that it may run on; empty: any
  std::string name{};                  ///< cut to `longest_thread_name`; empty: as the process
};
inline constexpr std::size_t longest_thread_name = 15;

/// To the calling thread. The error is the system's, and its detail names what was refused.
[[nodiscard]] result<void> apply_to_this_thread(const thread_settings& settings);

}  // namespace monocoque::io
