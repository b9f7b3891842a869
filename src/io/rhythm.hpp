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
  /// Any thread.
  void note_write() noexcept { written_.store(true, std::memory_order_relaxed); }
  void note_read() noexcept {
    if (!written_.load(std::memory_order_relaxed)) return reset();
    written_.store(false, std::memory_order_relaxed);
    if (turns_ < enough) ++turns_;
  }
  void reset() noexcept { turns_ = 0; }
  [[nodiscard]] bool steady() const noexcept { return turns_ == enough; }

 private:
  static constexpr std::uint8_t enough = 3;
  std::atomic<bool> written_{false};
  std::uint8_t turns_ = 0;
};

}  // namespace monocoque::io
