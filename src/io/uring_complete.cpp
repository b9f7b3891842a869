// From completion entries to operations.
#include "io/uring_driver.hpp"

#include <cerrno>
#include <unistd.h>

namespace monocoque::io {

std::size_t uring_driver::handle(std::uint64_t user_data, int result, std::uint32_t flags) noexcept {
  if (user_data == uring::wake_tag) {
    if ((flags & IORING_CQE_F_MORE) == 0) wake_armed_ = false;
    if (event_fd_ >= 0) {  // another loop looks at it, level-triggered
      std::uint64_t count = 0;
      [[maybe_unused]] const auto drained = ::read(wake_fd_, &count, sizeof count);
      event_fd_is_stale_ = true;
    }
    return 0;
  }
  if (user_data == uring::listeners_tag) return accept_ready();
  if (user_data == uring::cancel_tag) {
    // A cancel that missed: most likely its target has completed. It may also have been on its way between
    // waiting and trying again, so those that are still there are asked for once more.
    if (result < 0) to_cancel_.splice_back(cancelling_);
    return 0;
  }
  operation& op = *reinterpret_cast<operation*>(user_data);
  if (op.linked()) op.unlink();  // a cancel is asked for; this is the answer
  if (op.poll_first) {
    op.poll_first = false;
    if (result < 0 || op.cancel_requested) return complete(op, result < 0 ? -result : ECANCELED);
    enqueue(op);
    return 0;
  }
  switch (op.what) {
    case operation::kind::read_some:
    case operation::kind::read_into: return on_read(static_cast<read_operation&>(op), result, flags);
    case operation::kind::write:
      static_cast<write_operation&>(op).size = result > 0 ? static_cast<std::size_t>(result) : 0;
      break;
    case operation::kind::poll:
      static_cast<poll_operation&>(op).ready = static_cast<short>(result > 0 ? result : 0);
      event_fd_is_stale_ = event_fd_ >= 0;
      break;
    case operation::kind::accept:
    case operation::kind::connect: break;
  }
  if (must_retry(op, result)) return 0;
  return complete(op, result < 0 ? -result : 0);
}

std::size_t uring_driver::complete(operation& op, int error) noexcept {
  op.error = error;
  op.where = operation::phase::idle;
  op.complete(op);
  return 1;
}

/// Queues it again if the kernel merely says that it did not wait.
bool uring_driver::must_retry(operation& op, int result) noexcept {
  if (op.cancel_requested || (result != -EAGAIN && result != -EINTR)) return false;
  op.poll_first = result == -EAGAIN && op.what != operation::kind::poll;
  enqueue(op);
  return true;
}

std::size_t uring_driver::on_read(read_operation& op, int result, std::uint32_t flags) noexcept {
  op.size = result > 0 ? static_cast<std::size_t>(result) : 0;
  if (result > 0) op.on->turns.note_read();
  op.on->drained = result > 0 && (flags & IORING_CQE_F_SOCK_NONEMPTY) == 0;
  if ((flags & IORING_CQE_F_BUFFER) != 0)
    op.data = buffers_.consume(flags >> IORING_CQE_BUFFER_SHIFT, op.size);
  if (result == -ENOBUFS && op.what == operation::kind::read_some && !op.cancel_requested) {
    reads_starved_ = true;
    if (!buffers_.stock()) return complete(op, ENOMEM);
    enqueue(op);
    return 0;
  }
  if (must_retry(op, result)) return 0;
  return complete(op, result < 0 ? -result : 0);
}

}  // namespace monocoque::io
