#include "transport/folder_lock.hpp"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>

namespace monocoque::transport {
namespace {

constexpr int max_tries = 200;
constexpr timespec pause_between{0, 1'000'000};  // 1 ms

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

folder_lock::folder_lock(const std::string& path) noexcept
    : folder_(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)) {
  if (!folder_) return;
  for (int tries = 0; tries < max_tries; ++tries) {
    if (::flock(folder_.fd(), LOCK_EX | LOCK_NB) == 0) {
      held_ = true;
      busy_ = false;
      return;
    }
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return;
    busy_ = true;
    ::nanosleep(&pause_between, nullptr);
  }
}

folder_lock::~folder_lock() {
  // Not left to close(): a process forked meanwhile holds the same open folder, and the lock would live on in
  // it.
  if (held_) ::flock(folder_.fd(), LOCK_UN);
}

}  // namespace monocoque::transport
