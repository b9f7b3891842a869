#pragma once

#include <monocoque/error.hpp>

#include <cstdint>
#include <string>
#include <sys/stat.h>

namespace monocoque::auth {

/// The path as it is meant now, for a thread that goes by it after the process may have changed its folder.
/// Without slashes at its end. Throws monocoque::exception for what can be none.
[[nodiscard]] std::string absolute_path(const std::string& path);

/// The folder that an absolute path's last part is in.
[[nodiscard]] std::string folder_of(const std::string& absolute);

/// What tells a file that has been read from one that has changed since. To be taken before it is read.
struct file_stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  [[nodiscard]] static file_stamp of(const struct stat& status) noexcept;
  friend bool operator==(const file_stamp&, const file_stamp&) noexcept = default;

  /// Nanoseconds since the file was changed, by the system's clock.
  [[nodiscard]] std::int64_t age_ns() const noexcept;
  /// False if the next change might leave the stamp as it is, since times have steps of milliseconds: then
  /// what was read has to be read again.
  [[nodiscard]] bool is_settled() const noexcept;
};

/// True for what is the fault of this process or machine and says nothing of a file: no more descriptors, no
/// memory, a disk that fails.
[[nodiscard]] bool is_passing(const error& failure) noexcept;

}  // namespace monocoque::auth
