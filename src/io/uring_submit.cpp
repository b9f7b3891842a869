// From operations to submission entries.
#include "io/uring_driver.hpp"

#include <poll.h>

namespace monocoque::io {

namespace {

/// What to wait for when the kernel answered EAGAIN instead of waiting itself.
std::pair<int, unsigned> readiness_of(operation& op) noexcept {
  switch (op.what) {
    case operation::kind::read_some:
    case operation::kind::read_into: return {static_cast<read_operation&>(op).on->fd, POLLIN};
    case operation::kind::write: return {static_cast<write_operation&>(op).on->fd, POLLOUT};
    case operation::kind::connect: return {static_cast<connect_operation&>(op).fd, POLLOUT};
    case operation::kind::accept:  // never comes here
    case operation::kind::poll: break;
  }
  auto& poll = static_cast<poll_operation&>(op);
  return {poll.fd, static_cast<unsigned short>(poll.events)};
}

}  // namespace

/// An entry of the submission ring, which is emptied into the kernel if it is full. Null if that fails.
io_uring_sqe* uring_driver::next_entry() noexcept {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  if (entry == nullptr && io_uring_submit(&ring_) > 0) entry = io_uring_get_sqe(&ring_);
  return entry;
}

/// False if something is left over for the next tick.
bool uring_driver::submit_queued() noexcept {
  if (!wake_armed_) {
    io_uring_sqe* entry = next_entry();
    if (entry == nullptr) return false;
    io_uring_prep_poll_multishot(entry, wake_fd_, POLLIN);
    io_uring_sqe_set_data64(entry, uring::wake_tag);
    wake_armed_ = true;
  }
  if (!listeners_armed_) {
    io_uring_sqe* entry = next_entry();
    if (entry == nullptr) return false;
    io_uring_prep_poll_add(entry, listeners_fd_, POLLIN);
    io_uring_sqe_set_data64(entry, uring::listeners_tag);
    listeners_armed_ = true;
  }
  while (!to_submit_.empty()) {
    io_uring_sqe* entry = next_entry();
    if (entry == nullptr) return false;
    operation& op = to_submit_.pop_front();
    op.where = operation::phase::in_flight;
    prepare(*entry, op);
    io_uring_sqe_set_data(entry, &op);
  }
  while (!to_cancel_.empty()) {
    io_uring_sqe* entry = next_entry();
    if (entry == nullptr) return false;
    operation& op = to_cancel_.pop_front();
    cancelling_.push_back(op);
    io_uring_prep_cancel(entry, &op, 0);
    io_uring_sqe_set_data64(entry, uring::cancel_tag);
    if (skip_success_) entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  }
  return true;
}

void uring_driver::prepare(io_uring_sqe& entry, operation& op) noexcept {
  if (op.poll_first || op.what == operation::kind::poll) {
    const auto [fd, events] = readiness_of(op);
    return io_uring_prep_poll_add(&entry, fd, events);
  }
  switch (op.what) {
    case operation::kind::read_some:
    case operation::kind::read_into: return prepare_read(entry, static_cast<read_operation&>(op));
    case operation::kind::write: return prepare_write(entry, static_cast<write_operation&>(op));
    case operation::kind::connect: {
      auto& connect = static_cast<connect_operation&>(op);
      return io_uring_prep_connect(&entry, connect.fd, reinterpret_cast<const sockaddr*>(&connect.address),
                                   connect.address_size);
    }
    case operation::kind::accept:       // past the ring
    case operation::kind::poll: break;  // above
  }
}

void uring_driver::prepare_read(io_uring_sqe& entry, read_operation& op) noexcept {
  if (op.what == operation::kind::read_into) {
    io_uring_prep_recv(&entry, op.on->fd, op.into.data(), op.into.size(), 0);
  } else {
    (void)buffers_.stock();  // without any the read comes back with ENOBUFS, and that is dealt with there
    io_uring_prep_recv(&entry, op.on->fd, nullptr, 0, 0);
    entry.flags |= IOSQE_BUFFER_SELECT;
    entry.buf_group = uring_buffers::group;
  }
  if (op.on->drained) entry.ioprio |= IORING_RECVSEND_POLL_FIRST;
}

void uring_driver::prepare_write(io_uring_sqe& entry, write_operation& op) noexcept {
  if (op.header.msg_iovlen == 1) {
    const iovec& only = *op.header.msg_iov;
    io_uring_prep_send(&entry, op.on->fd, only.iov_base, only.iov_len, MSG_NOSIGNAL);
  } else {
    io_uring_prep_sendmsg(&entry, op.on->fd, &op.header, MSG_NOSIGNAL);
  }
}

}  // namespace monocoque::io
