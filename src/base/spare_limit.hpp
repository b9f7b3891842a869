#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace monocoque::base {

/// How many unused pieces of memory are worth keeping: as many as are missing to the number that was in use
/// lately, since a long queue that empties fills again, but `least` in any case and `most` at the outside.
/// Lately are the last thousand or two that came back. Under its owner's lock.
class spare_limit {
 public:
  constexpr spare_limit(std::size_t least, std::size_t most) noexcept
      : least_(least), most_(std::max(least, most)) {}

  [[nodiscard]] constexpr std::size_t least() const noexcept { return least_; }
  [[nodiscard]] constexpr std::size_t most() const noexcept { return most_; }

  /// One was taken; now so many are in use.
  constexpr void note_taken(std::size_t in_use) noexcept { lately_ = std::max(lately_, in_use * unit); }
  /// One came back; now so many are in use. Answers how many may be kept.
  [[nodiscard]] constexpr std::size_t note_returned(std::size_t in_use) noexcept {
    lately_ = std::max(lately_, in_use * unit);
    lately_ -= lately_ / unit - in_use;
    const std::size_t missing = (lately_ + unit - 1) / unit - in_use;
    return std::clamp(missing, least_, most_);
  }

 private:
  static constexpr std::uint64_t unit = 1024;  // fixed point, and how slowly what was is forgotten

  std::size_t least_;
  std::size_t most_;
  std::uint64_t lately_ = 0;  // in use, in units
};

}  // namespace monocoque::base
