#include "transport/unique_fd.hpp"

#include <cerrno>
#include <unistd.h>

namespace monocoque::transport {

void unique_fd::reset(int fd) noexcept {
  const int held = std::exchange(fd_, fd);
  if (held >= 0) close_(held);
}

void unique_fd::close_system_fd(int fd) noexcept {
  // Closing happens on error paths, where errno is still to be looked at. EINTR: Linux has closed it all the
  // same.
  const int saved = errno;
  ::close(fd);
  errno = saved;
}

}  // namespace monocoque::transport
