#pragma once

#include "io/loop.hpp"

#include <memory>

namespace monocoque::io {

/// What `loop::fd()` hands out: an epoll descriptor around a timerfd and what the driver adds, so that
/// another event loop sees I/O, wake-ups and timers as one readable descriptor. Owned by the loop, used on
/// its thread.
class nested_descriptor {
 public:
  [[nodiscard]] static result<std::unique_ptr<nested_descriptor>> make();
  ~nested_descriptor();
  nested_descriptor(const nested_descriptor&) = delete;
  nested_descriptor& operator=(const nested_descriptor&) = delete;

  [[nodiscard]] int fd() const noexcept { return epoll_fd_; }
  /// Becomes readable at `when`; time_point::max() for never.
  void arm(time_point when) noexcept;

 private:
  nested_descriptor(int epoll_fd, int timer_fd) noexcept : epoll_fd_(epoll_fd), timer_fd_(timer_fd) {}

  const int epoll_fd_;
  const int timer_fd_;
  time_point armed_for_ = time_point::max();
};

}  // namespace monocoque::io
