#pragma once

#include <cstddef>

namespace monocoque::io {

/// Byte permits for back-pressure: so many bytes may be held at a time. One thread, or under the owner's
/// lock; no I/O.
///
/// Whoever is refused stops (does not read on), and is told by the `release` that makes room again. A request
/// larger than the whole capacity passes when nothing is held, or else one large message would stop
/// everything for good.
class permits {
 public:
  explicit permits(std::size_t capacity) noexcept : capacity_(capacity) {}

  /// False if there is no room for `size` more bytes; `release` will say when there is.
  [[nodiscard]] bool try_acquire(std::size_t size) noexcept;
  /// Gives back `size` of the bytes held. True if a refused request would now pass: once for each time that
  /// requests began to be refused.
  bool release(std::size_t size) noexcept;

  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// A request was refused, and there has not been room for it since.
  [[nodiscard]] bool exhausted() const noexcept { return refused_; }

 private:
  [[nodiscard]] bool fits(std::size_t size) const noexcept {
    return held_ == 0 || (held_ <= capacity_ && size <= capacity_ - held_);
  }

  std::size_t capacity_;
  std::size_t held_ = 0;
  std::size_t refused_size_ = 0;
  bool refused_ = false;
};

}  // namespace monocoque::io
