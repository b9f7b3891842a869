#pragma once

#include "tests/simulation/chance.hpp"

#include <chrono>
#include <cstddef>

namespace monocoque::simulation {

/// What a simulated network does to those who use it. Numbers without a unit are promille. A value; drawn
/// from a seed, or calm.
struct weather {
  // -- always
  nanoseconds latency_least = std::chrono::microseconds(20);
  nanoseconds latency_most = std::chrono::microseconds(200);
  std::size_t bytes_a_ms = 0;               ///< bandwidth of a connection each way; 0: no limit
  std::size_t buffer_bytes = 256 * 1024;    ///< what a connection holds each way
  std::size_t largest_segment = 64 * 1024;  ///< what arrives at once
  unsigned short_writes = 0;                ///< writes of which less is taken than there is room for
  unsigned short_reads = 0;
  unsigned late_completions = 0;  ///< operations that are carried out after others that were begun later

  // -- until it clears
  nanoseconds clears_after = std::chrono::seconds(0);
  unsigned lost = 0;            ///< connections that break after some number of bytes
  std::size_t lost_within = 1;  ///< that many bytes at most
  unsigned lost_in_time = 0;    ///< connections that break at some moment
  unsigned half_open = 0;       ///< connections over which from some moment on nothing comes any more
  unsigned stalled = 0;         ///< the same, for a while
  unsigned refused = 0;         ///< attempts to connect
  unsigned unanswered = 0;      ///< attempts to connect that nobody ever answers
  unsigned exhausted = 0;       ///< a host has no descriptor left for a while; once for each host

  [[nodiscard]] static weather calm() { return {}; }
  [[nodiscard]] static weather draw(chance& dice);
};

}  // namespace monocoque::simulation
