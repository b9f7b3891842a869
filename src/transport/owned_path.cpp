#include "transport/owned_path.hpp"

#include "transport/folder_lock.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace monocoque::transport {

owned_path::owned_path(const std::string& path, bool with_folder)
    : inode_(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)),
      owner_(::getpid()),
      with_folder_(with_folder) {
  std::error_code failure;
  path_ = std::filesystem::absolute(path, failure).string();
  if (failure) path_ = path;
}

owned_path::owned_path(owned_path&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      inode_(std::move(other.inode_)),
      owner_(other.owner_),
      with_folder_(other.with_folder_) {}

owned_path& owned_path::operator=(owned_path&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  inode_ = std::move(other.inode_);
  owner_ = other.owner_;
  with_folder_ = other.with_folder_;
  return *this;
}

bool owned_path::is_still_ours() const noexcept {
  struct stat ours{};
  struct stat there{};
  return ::fstat(inode_.fd(), &ours) == 0 && ::lstat(path_.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

void owned_path::remove() noexcept {
  if (path_.empty()) return;
  if (owner_ == ::getpid()) {
    {
      const folder_lock lock(path_);
      if (inode_ && is_still_ours()) ::unlink(path_.c_str());
    }
    if (with_folder_) ::rmdir(folder_of(path_).c_str());
  }
  disown();
}

void owned_path::disown() noexcept {
  path_.clear();
  inode_.reset();
}

}  // namespace monocoque::transport
