#include "io/signal_poll.hpp"

#include "io/fork_count.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace monocoque::io {

static_assert(sizeof(polled_descriptor) == sizeof(pollfd) &&
              offsetof(polled_descriptor, events) == offsetof(pollfd, events) &&
              offsetof(polled_descriptor, revents) == offsetof(pollfd, revents));

namespace {

/// Null: without end.
const timespec* time_left(detail::time_point until, timespec& room) {
  if (until == detail::time_point::max()) return nullptr;
  room = {};
  const detail::time_point now = std::chrono::steady_clock::now();
  if (until <= now) return &room;  // and time_point::min() is not subtracted from
  const auto left = std::chrono::nanoseconds(until - now).count();
  room.tv_sec = left / 1'000'000'000;
  room.tv_nsec = left % 1'000'000'000;
  return &room;
}

}  // namespace

signal_poll::signal_poll(int signal_fd) noexcept : signal_fd_(signal_fd), made_in_(fork_count()) {}

result<std::unique_ptr<signal_poll>> signal_poll::make() {
  const int made = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (made < 0) return error::from_errno(errno, "eventfd");
  return std::unique_ptr<signal_poll>(new signal_poll(made));
}

/// In a child process it is left alone, which may have closed its descriptors and have others of that number.
signal_poll::~signal_poll() {
  if (!is_parents()) ::close(signal_fd_);
}

bool signal_poll::is_parents() const noexcept { return made_in_ != fork_count(); }

result<signal_poll*> signal_poll::of_this_thread() {
  thread_local std::unique_ptr<signal_poll> own;
  // A descriptor that this process and its parent share wakes either for the other.
  if (!own || own->is_parents()) {
    result<std::unique_ptr<signal_poll>> made = make();
    if (!made) return std::move(made).error();
    own = *std::move(made);
  }
  return own.get();
}

result<int> signal_poll::wait(std::span<polled_descriptor> watched, detail::time_point until,
                              const ::sigset_t* mask) {
  all_.resize(watched.size() + 1);
  all_.front() = {signal_fd_, POLLIN, 0};
  std::ranges::copy(watched, all_.begin() + 1);
  timespec room;
  if (::ppoll(reinterpret_cast<pollfd*>(all_.data()), all_.size(), time_left(until, room), mask) < 0)
    return error::from_errno(errno, "poll");
  if (all_.front().revents != 0) consume();
  int ready = 0;
  for (std::size_t i = 0; i < watched.size(); ++i) {
    watched[i].revents = all_[i + 1].revents;
    if (watched[i].revents != 0) ++ready;
  }
  return ready;
}

void signal_poll::signal() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(::write(signal_fd_, &one, sizeof one));
}

void signal_poll::consume() noexcept {
  std::uint64_t signals = 0;
  static_cast<void>(::read(signal_fd_, &signals, sizeof signals));
}

}  // namespace monocoque::io
