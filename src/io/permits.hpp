#pragma once

#include <cassert>
#include <cstddef>

namespace monocoque::io {

/// Byte permits for back-pressure: so many bytes may be held at a time. Who reads takes permits for what has
/// come and stops reading while they are exhausted; who consumes gives them back. What has come may pass the
/// capacity once, so that one item larger than all of it cannot stop everything for good. Pure; under its
/// owner's lock.
class permits {
 public:
  explicit permits(std::size_t capacity) noexcept : capacity_(capacity) {}

  void set_capacity(std::size_t capacity) noexcept { capacity_ = capacity; }

  void acquire(std::size_t size) noexcept { held_ += size; }
  void release(std::size_t size) noexcept {
    assert(size <= held_);
    held_ -= size;
  }

  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  /// No more may be read now.
  [[nodiscard]] bool exhausted() const noexcept { return held_ >= capacity_; }
  /// Half is free again: the point to resume at, so that a full queue does not stop and start with every
  /// item.
  [[nodiscard]] bool half_free() const noexcept { return held_ <= capacity_ / 2; }

 private:
  std::size_t capacity_;
  std::size_t held_ = 0;
};

}  // namespace monocoque::io
