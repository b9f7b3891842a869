#include "io/uring_driver.hpp"

#include "io/held_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace monocoque::io {

namespace {

constexpr unsigned submission_entries = 256;
constexpr unsigned completion_entries = 4096;

// Best first. DEFER_TASKRUN (6.1): the kernel's share of the work is done when we ask for events, in one go.
// COOP_TASKRUN (5.19): at least it does not interrupt us for it. TASKRUN_FLAG lets us see without asking
// whether there is any. R_DISABLED: the thread that enables the ring, not the one that made it, is the single
// issuer.
constexpr unsigned common_flags = IORING_SETUP_R_DISABLED | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
constexpr std::array setups{
    common_flags | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    common_flags | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    common_flags | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
    common_flags,
};

constexpr std::array needed_operations{IORING_OP_CONNECT, IORING_OP_RECV,     IORING_OP_SEND,
                                       IORING_OP_SENDMSG, IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL};

bool has_operations(io_uring& ring) noexcept {
  io_uring_probe* probe = io_uring_get_probe_ring(&ring);
  if (probe == nullptr) return false;
  const bool all = std::all_of(needed_operations.begin(), needed_operations.end(),
                               [&](int code) { return io_uring_opcode_supported(probe, code) != 0; });
  io_uring_free_probe(probe);
  return all;
}

}  // namespace

result<std::unique_ptr<driver>> make_uring_driver(std::shared_ptr<base::slab_pool> slabs) {
  return uring_driver::make(std::move(slabs));
}

result<std::unique_ptr<driver>> uring_driver::make(std::shared_ptr<base::slab_pool> slabs) {
  const auto wake_fd = make_wake_fd();
  if (!wake_fd) return wake_fd.error();
  held_descriptor wakes(*wake_fd);
  auto made = std::make_unique<uring_driver>(*wake_fd, std::move(slabs));
  wakes.let_go();
  if (auto done = made->set_up(); !done) return std::move(done).error();
  return std::unique_ptr<driver>(std::move(made));
}

result<void> uring_driver::set_up() {
  int status = -EINVAL;
  for (const unsigned flags : setups) {
    io_uring_params parameters{};
    parameters.flags = flags;
    parameters.cq_entries = completion_entries;
    status = io_uring_queue_init_params(submission_entries, &ring_, &parameters);
    if (status != -EINVAL) break;
  }
  if (status < 0) return error::from_errno(-status, "io_uring_setup");
  ring_made_ = true;
  // Now, so that listening needs no descriptor later, when there may be none.
  listeners_fd_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (listeners_fd_ < 0) return error::from_errno(errno, "epoll");
  // A timeout for the wait without an entry of its own (5.11), and completions that are never dropped (5.5).
  constexpr unsigned needed = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP;
  if ((ring_.features & needed) != needed || !has_operations(ring_)) {
    return error(errc::not_supported).with_detail("io_uring of this kernel is too old");
  }
  if (const int attached = buffers_.attach(ring_); attached < 0) {
    return error::from_errno(-attached, "io_uring provided-buffer ring");
  }
  skip_success_ = (ring_.features & IORING_FEAT_CQE_SKIP) != 0;
  return {};
}

uring_driver::~uring_driver() {
  if (ring_made_) io_uring_queue_exit(&ring_);
  if (event_fd_ >= 0) ::close(event_fd_);
  if (listeners_fd_ >= 0) ::close(listeners_fd_);
}

void uring_driver::begin(operation& op) noexcept {
  op.cancel_requested = false;
  op.poll_first = false;
  enqueue(op);
}

void uring_driver::start(read_operation& op) noexcept {
  // A foreign loop would not be told of what comes for a read that the kernel does not know of.
  const bool looked_for = op.what == operation::kind::read_some && op.on->turns.steady() && event_fd_ < 0;
  begin(op);
  if (looked_for) await(op);
}

void uring_driver::start(write_operation& op) noexcept {
  op.on->turns.note_write();
  begin(op);
}

/// One at a time: each costs a system call whenever the loop looks for something to do.
void uring_driver::await(read_operation& op) noexcept {
  if (!awaited_.empty()) {
    static_cast<read_operation&>(awaited_.front()).on->turns.reset();
    to_submit_.splice_back(awaited_);
  }
  op.unlink();
  awaited_.push_back(op);
}

/// Straight: the answer to what was written is likely to come now.
void uring_driver::try_awaited() noexcept {
  auto& op = static_cast<read_operation&>(awaited_.front());
  if (!op.on->turns.steady()) return to_submit_.splice_back(awaited_);
  bool full = false;
  const int error = read_now(op, full);
  if (error == EAGAIN) return;
  op.on->drained = error == 0 && op.size > 0 && !full;
  op.unlink();
  op.error = error;
  op.where = operation::phase::completed;
  completed_.push_back(op);
}

void uring_driver::enqueue(operation& op) noexcept {
  op.where = operation::phase::queued;
  to_submit_.push_back(op);
}

void uring_driver::cancel(operation& op) noexcept {
  if (!op.pending() || op.cancel_requested) return;
  op.cancel_requested = true;
  if (op.what == operation::kind::accept) return cancel_accept(static_cast<accept_operation&>(op));
  if (op.where == operation::phase::queued) {
    op.unlink();
    op.error = ECANCELED;
    op.where = operation::phase::completed;
    completed_.push_back(op);
  } else if (op.where == operation::phase::in_flight) {
    to_cancel_.push_back(
        op);  // it completes through its own entry, whatever the kernel answers to the cancel
  }
}

void uring_driver::close(descriptor& on) noexcept {
  ::close(on.fd);
  on.fd = -1;
}

/// Work of the kernel's that it does when we enter it next, or completions that did not fit into the ring.
bool uring_driver::kernel_has_something() const noexcept {
  return (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

bool uring_driver::idle() const noexcept {
  return to_submit_.empty() && to_cancel_.empty() && completed_.empty() && listeners_armed_ &&
         io_uring_cq_ready(&ring_) == 0 && io_uring_sq_ready(&ring_) == 0 && !kernel_has_something();
}

// The ring's own descriptor will not do: with DEFER_TASKRUN an epoll that contains it is not told of new
// work. An eventfd that is registered with the ring is. But one eventfd cannot signal another at once, so the
// kernel puts it off when it was an eventfd that became ready, and some (6.18 for one) do so a single time a
// registration and never again. Hence our own wake-ups are announced by their eventfd itself, and after a
// poll, which may have been of an eventfd, the registration is renewed.

result<void> uring_driver::announce_to(int epoll_fd) {
  const auto made = make_wake_fd();
  if (!made) return made.error();
  auto done = add_to_epoll(epoll_fd, *made);
  if (done) done = add_to_epoll(epoll_fd, wake_fd_);
  if (done) {
    const int status = io_uring_register_eventfd(&ring_, *made);
    if (status < 0) done = error::from_errno(-status, "io_uring eventfd");
  }
  if (done) {
    event_fd_ = *made;
    to_submit_.splice_back(awaited_);
  } else {
    ::close(*made);
  }
  return done;
}

/// What was announced is in the ring by now; what has come since we entered it shows in kernel_has_something.
void uring_driver::reset_announcement() noexcept {
  if (event_fd_is_stale_) {
    event_fd_is_stale_ = false;
    (void)io_uring_unregister_eventfd(&ring_);
    (void)io_uring_register_eventfd(&ring_, event_fd_);
  }
  std::uint64_t signals = 0;
  [[maybe_unused]] const auto drained = ::read(event_fd_, &signals, sizeof signals);
}

void uring_driver::wait(time_point until) noexcept {
  if (!enabled_) enabled_ = uring::enable(ring_) >= 0;
  if (!awaited_.empty()) {
    if (until == time_point::min()) {
      try_awaited();
    } else {
      to_submit_.splice_back(awaited_);
    }
  }
  enter(until);
  if (event_fd_ >= 0) reset_announcement();
}

/// Submits, and waits if there is nothing to deliver. Errors need no answer here: what was not submitted (no
/// memory, completions in the way) stays queued for the next tick, and a signal or the end of the time is a
/// reason to return.
void uring_driver::enter(time_point until) noexcept {
  const bool all_queued = submit_queued();
  const bool forever = until == time_point::max();
  auto left = std::chrono::nanoseconds::zero();
  if (!forever && until != time_point::min()) left = until - now();
  if ((!forever && left.count() <= 0) || !all_queued || !completed_.empty() ||
      io_uring_cq_ready(&ring_) > 0) {
    if (kernel_has_something() || io_uring_sq_ready(&ring_) > 0) (void)io_uring_submit_and_get_events(&ring_);
  } else if (forever) {
    (void)io_uring_submit_and_wait(&ring_, 1);
  } else {
    __kernel_timespec timeout{.tv_sec = left.count() / 1'000'000'000,
                              .tv_nsec = left.count() % 1'000'000'000};
    io_uring_cqe* first = nullptr;
    (void)io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
  }
}

std::size_t uring_driver::deliver() noexcept {
  unsigned ready =
      io_uring_cq_ready(&ring_);  // first, so that what the calls below start is for the next tick
  std::size_t count = 0;
  intrusive_list<operation> done;
  done.splice_back(completed_);
  while (!done.empty()) {
    operation& op = done.pop_front();
    count += complete(op, op.error);
  }
  for (; ready > 0; --ready) {
    io_uring_cqe* entry = nullptr;
    if (io_uring_peek_cqe(&ring_, &entry) != 0) break;
    const io_uring_cqe seen = *entry;
    io_uring_cqe_seen(&ring_, entry);
    count += handle(seen.user_data, seen.res, seen.flags);
  }
  if (std::exchange(reads_starved_, false)) buffers_.want_more();
  return count;
}

}  // namespace monocoque::io
