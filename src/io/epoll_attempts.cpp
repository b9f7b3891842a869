// What the epoll driver does for an operation when its turn comes: the system call, and parking if it would
// block.
#include "io/epoll_driver.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace monocoque::io {

void epoll_driver::attempt_all() noexcept {
  while (!attempts_.empty()) attempt(attempts_.pop_front());  // an attempt parks or finishes, it never queues
}

void epoll_driver::attempt(operation& op) noexcept {
  op.where = operation::phase::in_flight;
  switch (op.what) {
    case operation::kind::accept: return finish(op, 0);  // accepted in `deliver`, connection by connection
    case operation::kind::connect: return attempt_connect(static_cast<connect_operation&>(op));
    case operation::kind::read_some:
    case operation::kind::read_into: return attempt_read(static_cast<read_operation&>(op));
    case operation::kind::write: return attempt_write(static_cast<write_operation&>(op));
    case operation::kind::poll: return attempt_poll(static_cast<poll_operation&>(op));
  }
}

void epoll_driver::attempt_read(read_operation& op) noexcept {
  descriptor& on = *op.on;
  bool full = false;
  const int error = read_now(op, full);
  if (error == EAGAIN) return park_reader(op);
  // The end of a stream stays readable, and so does one whose end was announced.
  if (error == 0 && op.size > 0 && !full && !on.hung_up) on.readable = false;
  finish(op, error);
}

/// Straight, before any event was asked for: the answer to what was written is likely to come now.
void epoll_driver::try_awaited() noexcept {
  read_operation& op = *awaited_;
  if (!op.on->turns.steady()) {
    awaited_ = nullptr;
    return;
  }
  bool full = false;
  const int error = read_now(op, full);
  if (error == EAGAIN) return;
  awaited_ = nullptr;
  op.on->reader = nullptr;
  op.on->readable = full || op.size == 0 || op.on->hung_up;
  finish(op, error);
}

void epoll_driver::attempt_write(write_operation& op) noexcept {
  op.on->turns.note_write();
  const ssize_t size = send_now(op.on->fd, op.header);
  op.size = size > 0 ? static_cast<std::size_t>(size) : 0;
  if (size == -EAGAIN) return park_writer(op, *op.on);
  finish(op, size < 0 ? static_cast<int>(-size) : 0);
}

void epoll_driver::attempt_connect(connect_operation& op) noexcept {
  if (::connect(op.fd, reinterpret_cast<const sockaddr*>(&op.address), op.address_size) == 0)
    return finish(op, 0);
  if (errno != EINPROGRESS && errno != EINTR) return finish(op, errno);
  if (const int error = watch(op, op.fd, EPOLLOUT); error != 0) finish(op, error);
}

void epoll_driver::attempt_poll(poll_operation& op) noexcept {
  const auto events = static_cast<std::uint32_t>(static_cast<unsigned short>(op.events));
  op.ready = 0;
  op.registered_fd = op.fd;
  int error = watch(op, op.fd, events);
  if (error ==
      EEXIST) {  // watched already, by a stream of ours or another poll: epoll tells duplicates apart
    op.registered_fd = ::fcntl(op.fd, F_DUPFD_CLOEXEC, 0);
    error = op.registered_fd < 0 ? errno : watch(op, op.registered_fd, events);
    if (error != 0 && op.registered_fd >= 0) ::close(op.registered_fd);
  }
  if (error == 0) return;
  if (error == EPERM) {  // a regular file, which never blocks
    op.ready = static_cast<short>(op.events & (POLLIN | POLLOUT));
    error = 0;
  }
  finish(op, error);
}

void epoll_driver::release_watch(poll_operation& op) noexcept {
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, op.registered_fd, nullptr);
  if (op.registered_fd != op.fd) ::close(op.registered_fd);
}

std::size_t epoll_driver::accept_some(accept_operation& op) noexcept {
  accept_outcome done{.count = 0, .error = op.cancel_requested ? ECANCELED : op.error};
  if (done.error == 0) {
    op.where = operation::phase::in_flight;
    done = accept_waiting(op);
    if (op.where != operation::phase::in_flight)
      return done.count;  // cancelled from there, and queued to say so
    if (done.error == EAGAIN) {
      park_reader(op, *op.on);
      return done.count;
    }
  }
  if (done.error == 0) {  // enough for one tick
    enqueue(op);
    return done.count;
  }
  op.error = done.error;
  op.accepted = -1;
  op.where = operation::phase::idle;
  op.complete(op);
  return done.count + 1;
}

}  // namespace monocoque::io
