#include "pattern/seed.hpp"

#include <exception>
#include <random>

namespace monocoque::pattern {

namespace {

std::uint64_t unforeseeable() noexcept {
  static int here = 0;
  std::uint64_t state = reinterpret_cast<std::uintptr_t>(&here);
  try {
    std::random_device device;
    state ^= std::uint64_t{device()} << 32 | device();
  } catch (const std::exception&) {
    // No source of entropy: the address the loader chose has to do.
  }
  return next_random(state);
}

}  // namespace

std::uint64_t seed_from(std::uint64_t chosen) noexcept {
  if (chosen != 0) return chosen;
  const std::uint64_t drawn = unforeseeable();
  return drawn != 0 ? drawn : 1;
}

}  // namespace monocoque::pattern
