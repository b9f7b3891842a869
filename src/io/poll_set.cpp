#include "io/poll_set.hpp"

#include "base/make_room.hpp"
#include "io/held_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace monocoque::io {
namespace {

static_assert(poll_flags::readable == POLLIN && poll_flags::writable == POLLOUT &&
              poll_flags::failed == POLLERR && poll_flags::urgent == POLLPRI &&
              poll_flags::hung_up == POLLHUP);

constexpr std::size_t events_at_once = 64;

int timeout_ms(detail::time_point until) {
  if (until == detail::time_point::max()) return -1;
  const detail::time_point now = std::chrono::steady_clock::now();
  if (until <= now) return 0;  // and time_point::min() is not subtracted from
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace

result<std::unique_ptr<poll_set>> poll_set::make() {
  held_descriptor epolls(::epoll_create1(EPOLL_CLOEXEC));
  if (epolls.fd() < 0) return error::from_errno(errno, "epoll_create");
  held_descriptor signals(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (signals.fd() < 0) return error::from_errno(errno, "eventfd");
  std::unique_ptr<poll_set> made(new poll_set(epolls.fd(), signals.fd()));
  epolls.let_go();
  signals.let_go();
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = made->signal_fd_;
  if (::epoll_ctl(made->epoll_fd_, EPOLL_CTL_ADD, made->signal_fd_, &wanted) != 0)
    return error::from_errno(errno, "epoll_ctl");
  return made;
}

poll_set::~poll_set() {
  ::close(signal_fd_);
  ::close(epoll_fd_);
}

result<void> poll_set::set(int fd, short events) {
  remove(fd);
  base::make_room_for_one(watched_);
  epoll_event wanted{};
  wanted.events = static_cast<std::uint32_t>(events);  // POLLIN and POLLOUT have epoll's values
  wanted.data.fd = fd;
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &wanted) == 0) {
    watched_.push_back(fd);
  } else if (errno == EPERM) {
    always_ready_.push_back({fd, events});
  } else {
    return error::from_errno(errno, "poll descriptor " + std::to_string(fd));
  }
  return {};
}

void poll_set::remove(int fd) noexcept {
  if (std::erase(watched_, fd) > 0) ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  std::erase_if(always_ready_, [fd](const always_ready& file) { return file.fd == fd; });
}

std::vector<poll_set::ready_descriptor> poll_set::wait(detail::time_point until) {
  std::vector<ready_descriptor> ready;
  ready.reserve(always_ready_.size());
  for (const always_ready& file : always_ready_) ready.push_back({file.fd, file.events});
  std::array<epoll_event, events_at_once> events{};
  const int limit_ms = ready.empty() ? timeout_ms(until) : 0;
  const int count = ::epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), limit_ms);
  for (int i = 0; i < count; ++i) {
    const epoll_event& found = events[static_cast<std::size_t>(i)];
    if (found.data.fd == signal_fd_) {
      std::uint64_t signals = 0;
      static_cast<void>(::read(signal_fd_, &signals, sizeof signals));
    } else {
      ready.push_back({found.data.fd, static_cast<short>(found.events)});
    }
  }
  return ready;
}

void poll_set::signal() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(::write(signal_fd_, &one, sizeof one));
}

}  // namespace monocoque::io
