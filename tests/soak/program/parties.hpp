#pragma once

#include "tests/soak/program/episode.hpp"

#include <monocoque/monocoque.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace monocoque::test {

/// What the parties of an episode share. One of them, the hub, binds; the others, the spokes, connect. Each
/// has a thread, and the context of its own unless they meet within the process.
struct stage {
  std::string endpoint;  ///< the resolved one once the hub has bound for the first time
  std::string description;
  socket_options options;
  std::uint32_t seed = 0;
  bool inline_contexts = false;
  unsigned spokes = 1;
  bool spokes_come_and_go = false;
  bool hub_comes_and_goes = false;
  std::unique_ptr<context> shared;  ///< inproc

  /// Nobody comes or goes any more: whoever expects something must get it now.
  std::atomic<bool> calm = false;
  /// Everybody has got what was expected.
  std::atomic<bool> over = false;

  std::mutex mutex;
  std::condition_variable changed;
  bool bound = false;
  bool failed = false;
  std::string failure;
  tally sum;

  std::vector<std::jthread> expecting, serving;

  /// Makes things calm, waits until all who expect something have it, and ends the others. Throws the first
  /// failure.
  [[nodiscard]] tally finish();
  void fail(const std::string& why);
};

inline constexpr unsigned pattern_count = 9;

/// Starts the threads of all parties of the pattern of that number.
void start(stage& scene, unsigned pattern);

}  // namespace monocoque::test
