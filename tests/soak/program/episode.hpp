#pragma once

#include <cstdint>

namespace monocoque::test {

/// What episodes have done.
struct tally {
  std::uint64_t episodes = 0;
  std::uint64_t messages = 0;     ///< received, and found to be in order
  std::uint64_t disruptions = 0;  ///< peers that went and came, endpoints that were given up and taken again

  tally& operator+=(const tally& other) noexcept {
    episodes += other.episodes;
    messages += other.messages;
    disruptions += other.disruptions;
    return *this;
  }
};

/// A few sockets of a pattern, a transport and options that are drawn from `seed` talk for a fraction of a
/// second while some of them come and go, and are destroyed in any order. Throws if a message was altered,
/// repeated or out of order, or if nothing comes any more.
[[nodiscard]] tally run_episode(std::uint32_t seed);

}  // namespace monocoque::test
