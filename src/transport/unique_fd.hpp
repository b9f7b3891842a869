#pragma once

#include <utility>

namespace monocoque::transport {

/// Owns one file descriptor and closes it. Move-only; distinct objects may be used from distinct threads.
class unique_fd {
 public:
  using close_function = void (*)(int fd) noexcept;

  unique_fd() noexcept = default;
  explicit unique_fd(int fd) noexcept : fd_(fd) {}
  /// A descriptor that is not the system's: `close_it` closes it.
  unique_fd(int fd, close_function close_it) noexcept : fd_(fd), close_(close_it) {}
  unique_fd(unique_fd&& other) noexcept : fd_(other.release()), close_(other.close_) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    if (this == &other) return *this;
    reset(other.release());
    close_ = other.close_;
    return *this;
  }
  unique_fd(const unique_fd&) = delete;
  unique_fd& operator=(const unique_fd&) = delete;
  ~unique_fd() { reset(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Hands the descriptor to the caller, who closes it from now on.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  /// Closes what is held, if anything, and takes `fd`.
  void reset(int fd = -1) noexcept;

 private:
  static void close_system_fd(int fd) noexcept;

  int fd_ = -1;
  close_function close_ = &close_system_fd;
};

}  // namespace monocoque::transport
