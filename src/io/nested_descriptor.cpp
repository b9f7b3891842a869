#include "io/nested_descriptor.hpp"

#include "io/held_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace monocoque::io {

result<std::unique_ptr<nested_descriptor>> nested_descriptor::make() {
  held_descriptor epolls(::epoll_create1(EPOLL_CLOEXEC));
  if (epolls.fd() < 0) return error::from_errno(errno, "epoll_create1");
  held_descriptor timers(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (timers.fd() < 0) return error::from_errno(errno, "timerfd_create");
  std::unique_ptr<nested_descriptor> made(new nested_descriptor(epolls.fd(), timers.fd()));
  epolls.let_go();
  timers.let_go();
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(made->epoll_fd_, EPOLL_CTL_ADD, made->timer_fd_, &event) != 0)
    return error::from_errno(errno, "epoll_ctl");
  return made;
}

nested_descriptor::~nested_descriptor() {
  ::close(timer_fd_);
  ::close(epoll_fd_);
}

void nested_descriptor::arm(time_point when) noexcept {
  // Setting the timer is also what makes an expired one unreadable, so a time of the past is always set anew.
  if (when == armed_for_ && when == time_point::max()) return;
  if (when == armed_for_ && when > std::chrono::steady_clock::now()) return;
  itimerspec setting{};
  if (when != time_point::max()) {
    const auto since_boot =
        std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()),
                 std::chrono::nanoseconds{1});  // zero would disarm it
    setting.it_value.tv_sec = since_boot.count() / 1'000'000'000;
    setting.it_value.tv_nsec = since_boot.count() % 1'000'000'000;
  }
  ::timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &setting, nullptr);
  armed_for_ = when;
}

}  // namespace monocoque::io
