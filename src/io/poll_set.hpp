#pragma once

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/result.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace monocoque::io {

/// What a descriptor is ready for; the values of POLLIN, POLLPRI, POLLOUT, POLLERR and POLLHUP.
struct poll_flags {
  static constexpr short readable = 0x01;
  static constexpr short urgent = 0x02;
  static constexpr short writable = 0x04;
  static constexpr short failed = 0x08;
  static constexpr short hung_up = 0x10;
};

/// Plain descriptors to wait for on the calling thread, level-triggered, and a signal that ends such a wait
/// from any other thread. For the poller, which waits outside the loop. One thread uses it at a time, but for
/// `signal`.
class poll_set {
 public:
  [[nodiscard]] static result<std::unique_ptr<poll_set>> make();
  ~poll_set();
  poll_set(const poll_set&) = delete;
  poll_set& operator=(const poll_set&) = delete;

  /// Adds `fd`, or changes what is waited for (poll_flags). Errors: the system's (bad descriptor).
  result<void> set(int fd, short events);
  void remove(int fd) noexcept;

  struct ready_descriptor {
    int fd;
    short events;  ///< poll_flags
  };
  /// What is ready, waiting until `until` for something; a signal ends the wait and is consumed.
  [[nodiscard]] std::vector<ready_descriptor> wait(detail::time_point until);
  /// Ends a wait, now or the next one. Thread-safe.
  void signal() noexcept;
  /// Readable when `wait` would find something at once.
  [[nodiscard]] int fd() const noexcept { return epoll_fd_; }

 private:
  poll_set(int epoll_fd, int signal_fd) noexcept : epoll_fd_(epoll_fd), signal_fd_(signal_fd) {}

  struct always_ready {  // files, which epoll refuses
    int fd;
    short events;
  };

  int epoll_fd_;
  int signal_fd_;
  std::vector<int> watched_;
  std::vector<always_ready> always_ready_;
};

}  // namespace monocoque::io
