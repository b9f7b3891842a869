#include "tests/simulation/memory_count.hpp"
#include "tests/simulation/seeds.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace monocoque::simulation {
namespace {

#ifdef MONOCOQUE_SANITIZED
constexpr std::uint64_t seeds_of_a_part = 10;
#else
constexpr std::uint64_t seeds_of_a_part = 200;
#endif

/// So many seeds of a scenario that the test takes some seconds.
struct part {
  scenario what;
  std::uint64_t number;
};
void PrintTo(const part& which, std::ostream* to) { *to << which.what.name << " " << which.number; }

class Topology : public testing::TestWithParam<part> {};

TEST_P(Topology, HoldsWhateverTheNetworkDoes) {
  const part& which = GetParam();
  run_seeds(which.what, which.number * seeds_of_a_part + 1, seeds_of_a_part);
}

/// What a seed brings does not depend on addresses, on what ran before, or on the time of day.
TEST_P(Topology, IsTheSameAgainForTheSameSeed) {
  const part& which = GetParam();
  for (std::uint64_t seed = which.number * 2 + 1; seed <= which.number * 2 + 2; ++seed) {
    EXPECT_EQ(which.what.run_seed(seed).trace, which.what.run_seed(seed).trace) << "seed " << seed;
  }
}

/// A run ends with no more memory than it began with, but for what the process's caches of small blocks took:
/// with the same run again and again they come to an end of that, and what leaks does not.
TEST_P(Topology, LeavesNoMemoryBehind) {
  constexpr int most_runs = 10;
  const part& which = GetParam();
  const std::uint64_t seed = 1'000 + which.number;
  std::size_t before = 0;
  std::size_t after = heap_in_use();
  for (int runs = 0; runs < most_runs && (runs == 0 || after > before); ++runs) {
    before = after;
    static_cast<void>(which.what.run_seed(seed));
    after = heap_in_use();
  }
  EXPECT_LE(after, before) << "seed " << seed << ": the heap grows with each run";
}

std::vector<part> all_parts() {
  std::vector<part> all;
  for (const scenario& each :
       {pipeline, broker, fan_out, ring, mortal_pipeline, mortal_broker, mortal_fan_out, mortal_ring}) {
    for (std::uint64_t number = 0; number < 8; ++number) all.push_back({each, number});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Topology, testing::ValuesIn(all_parts()), [](const auto& which) {
  return std::string(which.param.what.name) + "_" + std::to_string(which.param.number);
});

}  // namespace
}  // namespace monocoque::simulation
