#pragma once

#include "transport/unique_fd.hpp"

#include <string>
#include <sys/types.h>

namespace monocoque::transport {

/// The right, and the duty, to remove the file of an ipc listener, and nothing else: another file that has
/// taken its place, or a forked child that inherited this object, leaves what is there alone. Holds the inode
/// open (O_PATH), so its number cannot be given to another file as long as this lives, whoever closes the
/// socket when. Move-only.
class owned_path {
 public:
  owned_path() noexcept = default;
  /// Takes over the file that is at `path` now; holds() is false if it cannot be opened. `with_folder`: the
  /// folder was made for it, and is removed after it.
  owned_path(const std::string& path, bool with_folder);
  owned_path(owned_path&& other) noexcept;
  owned_path& operator=(owned_path&& other) noexcept;
  owned_path(const owned_path&) = delete;
  owned_path& operator=(const owned_path&) = delete;
  ~owned_path() { remove(); }

  /// The file's path, absolute, so that a change of the working directory does not matter; empty if none is
  /// owned.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool holds() const noexcept { return static_cast<bool>(inode_); }
  /// Forgets the file, which the caller has removed.
  void disown() noexcept;
  /// Removes the file if it is still ours. Idempotent.
  void remove() noexcept;

 private:
  [[nodiscard]] bool is_still_ours() const noexcept;

  std::string path_;
  unique_fd inode_;
  pid_t owner_ = 0;
  bool with_folder_ = false;
};

}  // namespace monocoque::transport
