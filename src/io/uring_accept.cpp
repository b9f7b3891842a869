// Listening. A ring keeps what it works on open, and when its process is killed the kernel takes it apart
// some time after the process is gone: who starts the service again at once would find its address in use. So
// the ring never sees a listening socket. It watches an epoll that holds them all, which keeps nothing open.
#include "io/uring_driver.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>

namespace monocoque::io {

namespace {

constexpr int max_listeners_at_once = 16;

}  // namespace

void uring_driver::start(accept_operation& op) noexcept {
  op.cancel_requested = false;
  op.where = operation::phase::in_flight;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &op;
  if (::epoll_ctl(listeners_fd_, EPOLL_CTL_ADD, op.on->fd, &event) != 0) finish_accept(op, errno);
}

void uring_driver::cancel_accept(accept_operation& op) noexcept {
  if (op.where == operation::phase::completed) return;
  ::epoll_ctl(listeners_fd_, EPOLL_CTL_DEL, op.on->fd, nullptr);
  finish_accept(op, ECANCELED);
}

void uring_driver::finish_accept(accept_operation& op, int error) noexcept {
  op.error = error;
  op.accepted = -1;
  op.where = operation::phase::completed;
  completed_.push_back(op);
}

/// Some listener has connections waiting. Those that are not reached, or not emptied, make the epoll readable
/// once more when it is looked at next.
std::size_t uring_driver::accept_ready() noexcept {
  listeners_armed_ = false;
  event_fd_is_stale_ = event_fd_ >= 0;
  epoll_event events[max_listeners_at_once];
  const int ready = ::epoll_wait(listeners_fd_, events, max_listeners_at_once, 0);
  std::size_t count = 0;
  for (int index = 0; index < ready; ++index) {
    // One that was cancelled by what another brought is still there: it is destroyed after it has completed.
    count += accept_some(*static_cast<accept_operation*>(events[index].data.ptr));
  }
  return count;
}

std::size_t uring_driver::accept_some(accept_operation& op) noexcept {
  const accept_outcome done = accept_waiting(op);
  if (op.where == operation::phase::in_flight && done.error != 0 && done.error != EAGAIN) {
    ::epoll_ctl(listeners_fd_, EPOLL_CTL_DEL, op.on->fd, nullptr);
    finish_accept(op, done.error);
  }
  return done.count;
}

}  // namespace monocoque::io
