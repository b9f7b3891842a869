#pragma once

#include <unistd.h>

namespace monocoque::io {

/// A descriptor until the object that is to own it has been made.
class held_descriptor {
 public:
  explicit held_descriptor(int fd) noexcept : fd_(fd) {}
  ~held_descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  held_descriptor(const held_descriptor&) = delete;
  held_descriptor& operator=(const held_descriptor&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// It has an owner now.
  void let_go() noexcept { fd_ = -1; }

 private:
  int fd_;
};

}  // namespace monocoque::io
