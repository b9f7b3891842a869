#pragma once

#include "transport/unique_fd.hpp"

#include <string>

namespace monocoque::transport {

/// Serialises the making, replacing and removing of ipc files among all processes that use Monocoque: an
/// flock on the folder itself, so no lock file is left behind, and the kernel drops it with the process. Held
/// for microseconds. The wait is bounded (200 ms); what could not be locked is said by may_replace(). Lives
/// on the stack of one call.
class folder_lock {
 public:
  /// Locks the folder in which `path` is.
  explicit folder_lock(const std::string& path) noexcept;
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock();

  /// False if somebody else holds the lock and does not let go: replacing a file now might hit one that is
  /// just being made. A folder that cannot be locked at all (not readable, a file system without locks) does
  /// not count.
  [[nodiscard]] bool may_replace() const noexcept { return !busy_; }

 private:
  unique_fd folder_;
  bool held_ = false;
  bool busy_ = false;
};

/// The folder part of a path: "." for a bare name.
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace monocoque::transport
