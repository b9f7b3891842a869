#include "measure/usage.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bench {

namespace {

std::uint64_t tracepoint_id() {
  for (const char* root : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    std::ifstream file(std::string(root) + "/events/raw_syscalls/sys_enter/id");
    std::uint64_t id = 0;
    if (file >> id) return id;
  }
  return 0;
}

/// A descriptor that counts the system calls of a process and the threads it will start; -1 and errno.
int open_counter(pid_t process) {
  perf_event_attr wanted{};
  wanted.type = PERF_TYPE_TRACEPOINT;
  wanted.size = sizeof wanted;
  wanted.config = tracepoint_id();
  wanted.inherit = 1;
  if (wanted.config == 0) {
    errno = ENOENT;
    return -1;
  }
  return static_cast<int>(syscall(SYS_perf_event_open, &wanted, process, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

/// A line of /proc/PID/status that is given in kB.
std::uint64_t status_bytes(pid_t process, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name)) return std::stoull(line.substr(name.size())) * 1024;
  }
  return 0;
}

}  // namespace

usage_meter::usage_meter(pid_t process, const process_board& mine, bool count_system_calls)
    : process_(process), mine_(mine) {
  if (clock_getcpuclockid(process, &clock_) != 0) clock_ = CLOCK_PROCESS_CPUTIME_ID;
  if (count_system_calls) counter_ = open_counter(process);
}

usage_meter::~usage_meter() {
  if (counter_ >= 0) close(counter_);
}

usage usage_meter::now() const {
  usage found;
  timespec time{};
  if (clock_gettime(clock_, &time) == 0) {
    found.cpu_seconds = static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  for (const auto& each : mine_.threads) found.allocations += each.allocations.value();
  std::uint64_t calls = 0;
  if (counter_ >= 0 && read(counter_, &calls, sizeof calls) == sizeof calls) found.system_calls = calls;
  found.resident_bytes = status_bytes(process_, "VmRSS:");
  found.peak_resident_bytes = status_bytes(process_, "VmHWM:");
  return found;
}

std::string why_no_system_calls() {
  const int counter = open_counter(getpid());
  if (counter < 0) return std::strerror(errno);
  close(counter);
  return {};
}

}  // namespace bench
