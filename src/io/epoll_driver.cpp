#include "io/epoll_driver.hpp"

#include "io/held_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace monocoque::io {

namespace {

constexpr std::uint32_t hang_up_events = EPOLLERR | EPOLLHUP;
constexpr int max_events = 128;
// A tick that has something to deliver anyway asks for events only every so often.
constexpr int max_ticks_without_events = 8;
// While an awaited read is tried straight.
constexpr std::chrono::microseconds event_pause{2};

// An event's data is a descriptor, or an operation with this bit set, or null for the wake-up.
constexpr std::uintptr_t operation_tag = 1;

}  // namespace

result<std::unique_ptr<driver>> make_epoll_driver(std::shared_ptr<base::slab_pool> slabs) {
  return epoll_driver::make(std::move(slabs));
}

result<std::unique_ptr<driver>> epoll_driver::make(std::shared_ptr<base::slab_pool> slabs) {
  const auto wake_fd = make_wake_fd();
  if (!wake_fd) return wake_fd.error();
  held_descriptor wakes(*wake_fd);
  held_descriptor epolls(::epoll_create1(EPOLL_CLOEXEC));
  if (epolls.fd() < 0) return error::from_errno(errno, "epoll_create1");
  auto made = std::make_unique<epoll_driver>(epolls.fd(), *wake_fd, std::move(slabs));
  wakes.let_go();
  epolls.let_go();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (::epoll_ctl(made->epoll_fd_, EPOLL_CTL_ADD, *wake_fd, &event) != 0)
    return error::from_errno(errno, "epoll_ctl");
  return std::unique_ptr<driver>(std::move(made));
}

epoll_driver::~epoll_driver() { ::close(epoll_fd_); }

// -- starting and cancelling

void epoll_driver::start(accept_operation& op) noexcept {
  op.cancel_requested = false;
  enqueue(op);
}

void epoll_driver::start(read_operation& op) noexcept {
  if (op.on->readable) {
    enqueue(op);
  } else {
    park_reader(op);
  }
}

void epoll_driver::start(write_operation& op) noexcept {
  if (op.on->writable) {
    enqueue(op);
  } else {
    park_writer(op, *op.on);
  }
}

void epoll_driver::enqueue(operation& op) noexcept {
  if (&op == awaited_) awaited_ = nullptr;
  op.where = operation::phase::queued;
  attempts_.push_back(op);
}

void epoll_driver::finish(operation& op, int error) noexcept {
  op.error = error;
  op.where = operation::phase::completed;
  completed_.push_back(op);
}

void epoll_driver::park_reader(operation& op, descriptor& on) noexcept {
  on.readable = false;
  on.reader = &op;
  op.where = operation::phase::in_flight;
  if (const int error = watch(on, on.registered_events | EPOLLIN | EPOLLRDHUP | EPOLLET); error != 0) {
    on.reader = nullptr;
    finish(op, error);
  }
}

void epoll_driver::park_reader(read_operation& op) noexcept {
  park_reader(op, *op.on);
  if (op.on->reader == &op && op.on->turns.steady()) await(op);
}

/// One at a time: each costs a system call whenever the loop looks for something to do.
void epoll_driver::await(read_operation& op) noexcept {
  if (awaited_ != nullptr) awaited_->on->turns.reset();
  awaited_ = &op;
}

void epoll_driver::park_writer(operation& op, descriptor& on) noexcept {
  on.writable = false;
  on.writer = &op;
  op.where = operation::phase::in_flight;
  if (const int error = watch(on, on.registered_events | EPOLLOUT | EPOLLET); error != 0) {
    on.writer = nullptr;
    finish(op, error);
  }
}

int epoll_driver::watch(descriptor& on, std::uint32_t events) noexcept {
  if (on.registered_events == events) return 0;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &on;
  const int how = on.registered_events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(epoll_fd_, how, on.fd, &event) != 0) return errno;
  on.registered_events = events;
  return 0;
}

int epoll_driver::watch(operation& op, int fd, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.u64 = reinterpret_cast<std::uintptr_t>(&op) | operation_tag;
  return ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void epoll_driver::cancel(operation& op) noexcept {
  if (op.what == operation::kind::accept) op.cancel_requested = op.pending();
  if (op.where == operation::phase::queued) {
    op.unlink();
    finish(op, ECANCELED);
    return;
  }
  if (op.where != operation::phase::in_flight) return;
  if (&op == awaited_) awaited_ = nullptr;
  switch (op.what) {
    case operation::kind::accept: static_cast<accept_operation&>(op).on->reader = nullptr; break;
    case operation::kind::read_some:
    case operation::kind::read_into: static_cast<read_operation&>(op).on->reader = nullptr; break;
    case operation::kind::write: static_cast<write_operation&>(op).on->writer = nullptr; break;
    case operation::kind::connect:
      ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, static_cast<connect_operation&>(op).fd, nullptr);
      break;
    case operation::kind::poll: release_watch(static_cast<poll_operation&>(op)); break;
  }
  finish(op, ECANCELED);
}

void epoll_driver::close(descriptor& on) noexcept {
  // Closing is not enough: a forked child may hold the file open, and then its events would go on.
  if (on.registered_events != 0) ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, on.fd, nullptr);
  ::close(on.fd);
  on.fd = -1;
}

// -- waiting

void epoll_driver::wait(time_point until) noexcept {
  interrupted_ = false;
  attempt_all();
  const bool only_looks = until == time_point::min();
  if (only_looks && awaited_ != nullptr) try_awaited();
  if (!completed_.empty()) {
    if (++ticks_without_events_ < max_ticks_without_events) return;
    until = time_point::min();
  } else if (only_looks && awaited_ != nullptr) {
    // Who looks all the time need not ask for the events of others as often.
    const time_point instant = now();
    if (instant - events_asked_for_ < event_pause) return;
    events_asked_for_ = instant;
  }
  ticks_without_events_ = 0;
  collect_events(until);
  attempt_all();
}

int epoll_driver::wait_for_events(epoll_event* events, int capacity, time_point until) noexcept {
  if (until == time_point::max()) return ::epoll_wait(epoll_fd_, events, capacity, -1);
  auto left = std::chrono::nanoseconds::zero();
  if (until != time_point::min()) left = std::max(left, std::chrono::nanoseconds(until - now()));
  if (left.count() == 0) return ::epoll_wait(epoll_fd_, events, capacity, 0);
  if (has_epoll_pwait2_) {
    const timespec timeout{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    const int count = ::epoll_pwait2(epoll_fd_, events, capacity, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    has_epoll_pwait2_ = false;  // Linux before 5.11
  }
  constexpr std::int64_t longest_ms = 3'600'000;
  const auto timeout_ms = std::min(std::chrono::ceil<std::chrono::milliseconds>(left).count(), longest_ms);
  return ::epoll_wait(epoll_fd_, events, capacity, static_cast<int>(timeout_ms));
}

void epoll_driver::collect_events(time_point until) noexcept {
  epoll_event events[max_events];
  const int count =
      wait_for_events(events, max_events, until);  // interrupted by a signal: no events, a wake-up
  interrupted_ = count < 0 && errno == EINTR;
  for (int index = 0; index < count; ++index) {
    const std::uint64_t data = events[index].data.u64;
    if (data == 0) continue;  // the wake-up, which has done its work
    if ((data & operation_tag) != 0) {
      on_event(*reinterpret_cast<operation*>(data & ~operation_tag), events[index].events);
    } else {
      on_event(*reinterpret_cast<descriptor*>(data), events[index].events);
    }
  }
}

void epoll_driver::on_event(descriptor& on, std::uint32_t events) noexcept {
  if ((events & (hang_up_events | EPOLLRDHUP)) != 0) on.hung_up = true;
  if ((events & (hang_up_events | EPOLLRDHUP | EPOLLIN)) != 0) on.readable = true;
  if ((events & (hang_up_events | EPOLLOUT)) != 0) on.writable = true;
  if (on.readable && on.reader != nullptr) enqueue(*std::exchange(on.reader, nullptr));
  if (on.writable && on.writer != nullptr) {
    enqueue(*std::exchange(on.writer, nullptr));
  } else if ((events & (EPOLLOUT | EPOLLIN)) == EPOLLOUT) {
    // Nobody waits for this. A Unix socket makes an edge whenever its peer reads, so stop listening to them.
    (void)watch(on, on.registered_events & ~static_cast<std::uint32_t>(EPOLLOUT));
  }
}

void epoll_driver::on_event(operation& op, std::uint32_t events) noexcept {
  if (op.what == operation::kind::poll) {
    auto& poll = static_cast<poll_operation&>(op);
    release_watch(poll);
    poll.ready = static_cast<short>(events);  // EPOLL* and POLL* have the same values
    return finish(op, 0);
  }
  const int fd = static_cast<connect_operation&>(op).fd;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  int reason = 0;
  socklen_t size = sizeof reason;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &size) != 0) reason = errno;
  finish(op, reason);
}

std::size_t epoll_driver::deliver() noexcept {
  intrusive_list<operation> batch;
  batch.splice_back(completed_);
  std::size_t count = 0;
  while (!batch.empty()) {
    operation& op = batch.pop_front();
    if (op.what == operation::kind::accept) {
      count += accept_some(static_cast<accept_operation&>(op));
      continue;
    }
    op.where = operation::phase::idle;
    op.complete(op);
    ++count;
  }
  return count;
}

}  // namespace monocoque::io
