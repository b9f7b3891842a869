#include "io/posix_driver.hpp"

#include <cerrno>
#include <new>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace monocoque::io {

namespace {

// A read into slabs wants at least this much room; a slab's tail that is shorter is left unused.
constexpr std::size_t min_read_room = 8 * 1024;

ssize_t receive_now(int fd, std::span<std::byte> room) noexcept {
  for (;;) {
    const ssize_t size = ::recv(fd, room.data(), room.size(), MSG_DONTWAIT);
    if (size >= 0) return size;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace

posix_driver::~posix_driver() { ::close(wake_fd_); }

result<int> posix_driver::make_wake_fd() {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return error::from_errno(errno, "eventfd");
  return fd;
}

result<void> posix_driver::add_to_epoll(int epoll_fd, int watched) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watched, &event) != 0)
    return error::from_errno(errno, "epoll_ctl");
  return {};
}

void posix_driver::wake() noexcept {
  const int saved = errno;  // a signal handler may call this
  const std::uint64_t one = 1;
  // It cannot fail but when the counter is full, and then the loop has edges enough to see.
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
  errno = saved;
}

ssize_t posix_driver::send_now(int fd, const msghdr& header) noexcept {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const bool in_one_piece = header.msg_iovlen == 1;  // for which there is a shorter way into the kernel
  for (;;) {
    const ssize_t size = in_one_piece ? ::send(fd, header.msg_iov->iov_base, header.msg_iov->iov_len, flags)
                                      : ::sendmsg(fd, &header, flags);
    if (size >= 0) return size;
    if (errno != EINTR) return -errno;
  }
}

int posix_driver::read_now(read_operation& op, bool& full) noexcept {
  const bool into_slab = op.what == operation::kind::read_some;
  op.size = 0;
  std::span<std::byte> room = op.into;
  if (into_slab) {
    try {
      room = received_.room(min_read_room);
    } catch (const std::bad_alloc&) {
      return ENOMEM;
    }
  }
  const ssize_t size = receive_now(op.on->fd, room);
  if (size < 0) return static_cast<int>(-size);
  op.size = static_cast<std::size_t>(size);
  if (into_slab && size > 0) op.data = received_.commit(op.size);
  full = op.size == room.size();
  op.on->turns.note_read();
  return 0;
}

write_outcome posix_driver::try_write(const descriptor& on, std::span<const iovec> parts) noexcept {
  on.turns.note_write();
  msghdr header{};
  header.msg_iov = const_cast<iovec*>(parts.data());  // sendmsg does not write to it
  header.msg_iovlen = parts.size();
  const ssize_t size = send_now(on.fd, header);
  if (size >= 0) return {.error = 0, .size = static_cast<std::size_t>(size)};
  if (size == -EAGAIN) return {};
  return {.error = static_cast<int>(-size), .size = 0};
}

void posix_driver::shutdown_write(descriptor& on) noexcept { ::shutdown(on.fd, SHUT_WR); }

void posix_driver::abandon(descriptor& on) noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(on.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

namespace {

/// What a connection that died before it was accepted makes accept(2) say: no reason to stop accepting.
bool is_transient_accept_error(int error) noexcept {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ETIMEDOUT: return true;
    default: return false;
  }
}

constexpr int max_accepts_at_once = 64;

}  // namespace

posix_driver::accept_outcome posix_driver::accept_waiting(accept_operation& op) noexcept {
  accept_outcome outcome{};
  for (int tries = 0; tries < max_accepts_at_once && op.where == operation::phase::in_flight; ++tries) {
    op.accepted = ::accept4(op.on->fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (op.accepted < 0) {
      if (is_transient_accept_error(errno)) continue;
      outcome.error = errno;
      break;
    }
    op.error = 0;
    ++outcome.count;
    op.complete(op);
  }
  return outcome;
}

}  // namespace monocoque::io
