#pragma once

#include <atomic>
#include <cstdint>

namespace monocoque::io {

/// Whether reads and writes of a descriptor take turns, one of each, as requests and replies do. A read that
/// is started then is likely to be followed by a write and, soon after, by what answers it, so it pays to try
/// it straight away again and again rather than to go through the driver's machinery. Part of a descriptor;
/// the loop's thread, but for `note_write`.
class rhythm {
 public:
  /// Any thread, but one at a time.
  void note_write() noexcept {
    const std::uint8_t before = writes_.load(std::memory_order_relaxed);
    if (before < many) writes_.store(static_cast<std::uint8_t>(before + 1), std::memory_order_relaxed);
  }
  void note_read() noexcept {
    if (writes_.load(std::memory_order_relaxed) == 0) return reset();
    writes_.store(0, std::memory_order_relaxed);
    if (turns_ < enough) ++turns_;
  }
  void reset() noexcept { turns_ = 0; }
  [[nodiscard]] bool steady() const noexcept {
    return turns_ == enough && writes_.load(std::memory_order_relaxed) < many;
  }

 private:
  static constexpr std::uint8_t enough = 6;  // more than a handshake has
  static constexpr std::uint8_t many = 3;    // writes without a read: a stream
  std::atomic<std::uint8_t> writes_{0};      // since the last read
  std::uint8_t turns_ = 0;
};

}  // namespace monocoque::io
