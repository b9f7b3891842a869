#pragma once

#include <chrono>
#include <cstdint>

namespace monocoque::simulation {

using time_point = std::chrono::steady_clock::time_point;
using std::chrono::nanoseconds;

/// The dice of a simulated world: everything that could be otherwise is thrown with them, so that the seed
/// decides all. The same on every machine and with every standard library. One thread.
class chance {
 public:
  explicit chance(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {  // splitmix64
    std::uint64_t value = state_ += 0x9e37'79b9'7f4a'7c15;
    value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9;
    value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11eb;
    return value ^ (value >> 31);
  }
  /// 0 to `end` - 1; `end` is not 0.
  std::uint64_t below(std::uint64_t end) noexcept { return next() % end; }
  /// Both ends included.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
    return least + below(most - least + 1);
  }
  nanoseconds between(nanoseconds least, nanoseconds most) noexcept {
    return least + nanoseconds(below(static_cast<std::uint64_t>((most - least).count()) + 1));
  }
  /// Small numbers as often as large ones: each number of digits has the same chance.
  std::uint64_t magnitude(std::uint64_t most) noexcept {
    std::uint64_t top = 1;
    for (std::uint64_t digits = below(64); digits > 0 && top < most; --digits) top *= 2;
    return below(top < most ? top : most + 1);
  }
  /// `promille` times in a thousand.
  bool happens(unsigned promille) noexcept { return below(1000) < promille; }

 private:
  std::uint64_t state_;
};

}  // namespace monocoque::simulation
