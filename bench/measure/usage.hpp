#pragma once

#include "measure/board.hpp"

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <sys/types.h>

namespace bench {

/// What a process has used since it began.
struct usage {
  double cpu_seconds = 0;                     ///< user and system, all threads
  std::uint64_t allocations = 0;              ///< calls of malloc and its kin
  std::optional<std::uint64_t> system_calls;  ///< none where the kernel does not let us count
  std::uint64_t resident_bytes = 0;
  std::uint64_t peak_resident_bytes = 0;
};

/// Reads another process's usage from outside, so that the process itself spends nothing on it. System calls
/// are counted through perf's raw_syscalls tracepoint, which needs root (or perf_event_paranoid -1) and slows
/// every system call a little, so it is on only where asked for. Must be made before the process starts
/// threads.
class usage_meter {
 public:
  usage_meter(pid_t process, const process_board& mine, bool count_system_calls);
  ~usage_meter();
  usage_meter(const usage_meter&) = delete;
  usage_meter& operator=(const usage_meter&) = delete;

  [[nodiscard]] usage now() const;

 private:
  pid_t process_;
  const process_board& mine_;
  clockid_t clock_{};
  int counter_ = -1;
};

/// Why system calls cannot be counted here; empty if they can.
std::string why_no_system_calls();

}  // namespace bench
