#pragma once

#include "base/slab.hpp"
#include "io/loop.hpp"
#include "io/operation.hpp"

#include <monocoque/result.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace monocoque::io {

/// Where operations are carried out: io_uring, epoll, or a simulated world. The only part of the room that
/// makes system calls on streams and reads the clock. Owned by its loop and used on the loop's thread, but
/// for `wake` and `try_write`. Operations may be started before the first `wait` and on the thread that
/// created it; they are begun by `wait`.
class driver {
 public:
  virtual ~driver() = default;
  [[nodiscard]] virtual driver_kind kind() const noexcept = 0;

  // -- running
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// Begins what was started, then waits until there is something to deliver, a wake-up or `until`; returns
  /// at once if there is something already or `until` is past (time_point::min(): for sure). Calls nobody.
  virtual void wait(time_point until) noexcept = 0;
  /// True if the last `wait` ended because the thread has handled a POSIX signal. Known on epoll alone.
  [[nodiscard]] virtual bool interrupted() const noexcept { return false; }
  /// Calls `complete` of what has finished, as of its start: what the calls start is for the next tick.
  virtual std::size_t deliver() noexcept = 0;
  /// False if `wait` would begin or find something at once that no event announces.
  [[nodiscard]] virtual bool idle() const noexcept = 0;
  /// Makes a `wait` return, this one or the next. Any thread, async-signal-safe.
  virtual void wake() noexcept = 0;
  /// Adds to an epoll descriptor, which stays the caller's, what makes it readable when `wait` would find
  /// something. Once.
  [[nodiscard]] virtual result<void> announce_to(int epoll_fd) = 0;

  // -- operations; `operation` says who owns them and what completes when
  virtual void start(accept_operation& op) noexcept = 0;
  virtual void start(connect_operation& op) noexcept = 0;
  virtual void start(read_operation& op) noexcept = 0;
  virtual void start(write_operation& op) noexcept = 0;
  virtual void start(poll_operation& op) noexcept = 0;
  /// Makes it complete soon, with ECANCELED unless it has finished already. Nothing to do if it is idle.
  virtual void cancel(operation& op) noexcept = 0;

  // -- at once
  /// Any thread; the caller makes sure that the descriptor is not closed meanwhile.
  [[nodiscard]] virtual write_outcome try_write(const descriptor& on,
                                                std::span<const iovec> parts) noexcept = 0;
  virtual void shutdown_write(descriptor& on) noexcept = 0;
  /// When it is closed, what was written and has not arrived yet is dropped instead of still being tried.
  virtual void abandon(descriptor& on) noexcept = 0;
  /// Forgets and closes it. No operation may be pending on it.
  virtual void close(descriptor& on) noexcept = 0;
};

[[nodiscard]] result<std::unique_ptr<driver>> make_epoll_driver(std::shared_ptr<base::slab_pool> slabs);
/// An error that says what is missing if this kernel, or what confines this process, does not let us.
[[nodiscard]] result<std::unique_ptr<driver>> make_uring_driver(std::shared_ptr<base::slab_pool> slabs);

/// The driver that the options, MONOCOQUE_IO or a probe ask for, in this order.
[[nodiscard]] result<std::unique_ptr<driver>> make_driver(const loop_options& options,
                                                          const std::shared_ptr<base::slab_pool>& slabs);

}  // namespace monocoque::io
