#pragma once

#include "io/intrusive_list.hpp"
#include "io/rhythm.hpp"

#include <monocoque/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>

namespace monocoque::io {

/// What a read brought. `error` is an errno value, 0 for success; success with `size` 0 is the end of the
/// stream.
struct read_outcome {
  int error = 0;
  std::size_t size = 0;
  bytes data;  ///< the bytes, if they were read into the loop's slabs (read_some)
};

/// What a write did. A short write is not an error.
struct write_outcome {
  int error = 0;
  std::size_t size = 0;
};

struct operation;

/// A descriptor that operations are started on again and again, with what a driver remembers about it in
/// between. Lives in the stream or acceptor that owns the descriptor; written by the driver on the loop's
/// thread only, so that `try_write` may read `fd` on any thread.
struct descriptor {
  explicit descriptor(int number) noexcept : fd(number) {}

  int fd;
  // epoll: what is believed. Optimistic at first; a failed attempt clears a flag, an event sets it.
  bool readable = true;
  bool writable = true;
  bool hung_up = false;
  std::uint32_t registered_events = 0;
  operation* reader = nullptr;  // parked until it is readable
  operation* writer = nullptr;  // parked until it is writable
  // io_uring: the last read left nothing behind, so the next one need not try before it waits.
  bool drained = true;
  // Lets a driver see that a reply is awaited; noted by `try_write` too.
  mutable rhythm turns{};
};

/// One thing a driver is asked to do. Owned by the caller, who keeps it in place from `driver::start` until
/// `complete` was called; that happens exactly once a start, from `driver::deliver`, also after a cancel.
/// (An accept operation completes once a connection, and stays started until it completes with an error.)
/// Loop thread only.
struct operation : list_hook {
  enum class kind : std::uint8_t { accept, connect, read_some, read_into, write, poll };
  enum class phase : std::uint8_t {
    idle,       ///< belongs to the caller
    queued,     ///< in the driver's list of things to try or to submit
    in_flight,  ///< the kernel works on it, or it waits for readiness
    completed,  ///< in the driver's list of things to deliver
  };
  using complete_function = void (*)(operation&) noexcept;

  operation(kind its_kind, complete_function when_done) noexcept : what(its_kind), complete(when_done) {}
  [[nodiscard]] bool pending() const noexcept { return where != phase::idle; }

  kind what;
  phase where = phase::idle;
  bool cancel_requested = false;
  bool poll_first = false;  // io_uring: the kernel answered EAGAIN, so wait for readiness before trying again
  complete_function complete;
  int error = 0;  ///< result: errno
};

struct read_operation : operation {
  read_operation(kind its_kind, descriptor& descriptor_to_use, complete_function when_done) noexcept
      : operation(its_kind, when_done), on(&descriptor_to_use) {}
  descriptor* on;
  std::span<std::byte> into;  ///< read_into only; not empty
  std::size_t size = 0;       ///< result
  bytes data;                 ///< result of read_some
};

struct write_operation : operation {
  write_operation(descriptor& descriptor_to_use, complete_function when_done) noexcept
      : operation(kind::write, when_done), on(&descriptor_to_use) {}
  descriptor* on;
  msghdr header{};       ///< msg_iov and msg_iovlen are set by the caller
  std::size_t size = 0;  ///< result
};

struct accept_operation : operation {
  accept_operation(descriptor& descriptor_to_use, complete_function when_done) noexcept
      : operation(kind::accept, when_done), on(&descriptor_to_use) {}
  descriptor* on;
  int accepted = -1;  ///< result, if there is no error: a new descriptor, the callee's
};

struct connect_operation : operation {
  explicit connect_operation(complete_function when_done) noexcept : operation(kind::connect, when_done) {}
  int fd = -1;
  sockaddr_storage address{};
  socklen_t address_size = 0;
};

struct poll_operation : operation {
  explicit poll_operation(complete_function when_done) noexcept : operation(kind::poll, when_done) {}
  int fd = -1;
  short events = 0;
  short ready = 0;         ///< result
  int registered_fd = -1;  // epoll: `fd`, or a duplicate if that one is registered already
};

}  // namespace monocoque::io
