#pragma once

#include "io/posix_driver.hpp"
#include "io/uring_buffers.hpp"
#include "io/uring_compat.hpp"

#include <cstdint>

namespace monocoque::io {

/// The driver on io_uring, for Linux 5.19 and later: one system call a tick submits everything that was
/// started and waits. Operations queue up in a list of ours and get their submission entries in `wait`, so
/// they may be started before the ring is enabled (by the first `wait`, whose thread becomes the only one
/// that may submit), any number of them at a time, and cancelled unseen by the kernel. Completions are
/// delivered straight from the completion ring.
///
/// The read of a connection in the rhythm of requests and replies is `awaited`, one at a time: it is tried
/// with a plain recv whenever the loop looks without waiting, and submitted only when the loop is about to
/// sleep.
class uring_driver final : public posix_driver {
 public:
  uring_driver(int wake_fd, std::shared_ptr<base::slab_pool> slabs) noexcept
      : posix_driver(wake_fd, slabs), buffers_(std::move(slabs)) {}
  ~uring_driver() override;
  [[nodiscard]] static result<std::unique_ptr<driver>> make(std::shared_ptr<base::slab_pool> slabs);

  [[nodiscard]] driver_kind kind() const noexcept override { return driver_kind::uring; }
  void wait(time_point until) noexcept override;
  std::size_t deliver() noexcept override;
  [[nodiscard]] bool idle() const noexcept override;
  [[nodiscard]] result<void> announce_to(int epoll_fd) override;

  void start(accept_operation& op) noexcept override;
  void start(connect_operation& op) noexcept override { begin(op); }
  void start(read_operation& op) noexcept override;
  void start(write_operation& op) noexcept override;
  void start(poll_operation& op) noexcept override { begin(op); }
  void cancel(operation& op) noexcept override;
  void close(descriptor& on) noexcept override;

 private:
  [[nodiscard]] result<void> set_up();
  [[nodiscard]] bool kernel_has_something() const noexcept;
  void enter(time_point until) noexcept;
  void reset_announcement() noexcept;
  void begin(operation& op) noexcept;
  void await(read_operation& op) noexcept;
  void try_awaited() noexcept;
  void enqueue(operation& op) noexcept;

  // uring_submit.cpp: from operations to submission entries
  [[nodiscard]] bool submit_queued() noexcept;
  [[nodiscard]] io_uring_sqe* next_entry() noexcept;
  void prepare(io_uring_sqe& entry, operation& op) noexcept;
  void prepare_read(io_uring_sqe& entry, read_operation& op) noexcept;
  void prepare_write(io_uring_sqe& entry, write_operation& op) noexcept;

  // uring_complete.cpp: from completion entries to operations
  std::size_t handle(std::uint64_t user_data, int result, std::uint32_t flags) noexcept;
  std::size_t complete(operation& op, int error) noexcept;
  std::size_t on_read(read_operation& op, int result, std::uint32_t flags) noexcept;
  [[nodiscard]] bool must_retry(operation& op, int result) noexcept;

  // uring_accept.cpp: listening, which goes past the ring
  void cancel_accept(accept_operation& op) noexcept;
  void finish_accept(accept_operation& op, int error) noexcept;
  std::size_t accept_ready() noexcept;
  std::size_t accept_some(accept_operation& op) noexcept;

  uring_buffers buffers_;  // outlives the ring: the destructor closes that one first
  io_uring ring_{};
  int listeners_fd_ = -1;  // an epoll with all that accept
  bool listeners_armed_ = false;
  int event_fd_ = -1;  // registered with the ring once announce_to was called
  bool event_fd_is_stale_ = false;
  bool reads_starved_ = false;  // in this tick, by a lack of buffers
  bool ring_made_ = false;
  bool enabled_ = false;
  bool wake_armed_ = false;
  bool skip_success_ = false;  // the kernel can keep quiet about a cancel that found its target
  intrusive_list<operation> to_submit_;
  intrusive_list<operation> to_cancel_;   // in flight; the kernel is to be asked
  intrusive_list<operation> cancelling_;  // in flight; the kernel was asked
  intrusive_list<operation> awaited_;     // at most one read, which the kernel does not know of yet
  intrusive_list<operation> completed_;   // without the kernel's having known of them
};

namespace uring {
// User data that is no operation.
inline constexpr std::uint64_t wake_tag = 1;
inline constexpr std::uint64_t cancel_tag = 2;
inline constexpr std::uint64_t listeners_tag = 3;
}  // namespace uring

}  // namespace monocoque::io
