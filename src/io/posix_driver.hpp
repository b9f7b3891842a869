#pragma once

#include "io/driver.hpp"

#include <utility>

namespace monocoque::io {

/// What the drivers for real descriptors share: the clock, reading and writing at once, and an eventfd for
/// wake-ups. The eventfd is never read: both drivers watch it for edges, and each write makes one.
class posix_driver : public driver {
 public:
  posix_driver(const posix_driver&) = delete;
  posix_driver& operator=(const posix_driver&) = delete;

  [[nodiscard]] time_point now() const noexcept final { return std::chrono::steady_clock::now(); }
  void wake() noexcept final;
  [[nodiscard]] write_outcome try_write(const descriptor& on, std::span<const iovec> parts) noexcept final;
  void shutdown_write(descriptor& on) noexcept final;
  void abandon(descriptor& on) noexcept final;

 protected:
  posix_driver(int wake_fd, std::shared_ptr<base::slab_pool> slabs) noexcept
      : wake_fd_(wake_fd), received_(std::move(slabs)) {}
  ~posix_driver() override;

  [[nodiscard]] static result<int> make_wake_fd();
  /// Adds `watched` to an epoll, level-triggered for reading.
  [[nodiscard]] static result<void> add_to_epoll(int epoll_fd, int watched);
  /// send without blocking and without SIGPIPE: bytes written, or a negative errno.
  [[nodiscard]] static ssize_t send_now(int fd, const msghdr& header) noexcept;

  struct accept_outcome {
    std::size_t count;  ///< handed over
    int error;          ///< EAGAIN: no more there; 0: perhaps more, or cancelled by whom it was handed to
  };
  /// Accepts what waits, but not more than is fair in one tick, and hands each connection to `op.complete`.
  [[nodiscard]] static accept_outcome accept_waiting(accept_operation& op) noexcept;

  /// recv without blocking. 0 with what came (`full` if there was no room for more), or an errno value.
  [[nodiscard]] int read_now(read_operation& op, bool& full) noexcept;

  const int wake_fd_;

 private:
  base::slab_writer received_;
};

}  // namespace monocoque::io
