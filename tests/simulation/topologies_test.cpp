#include "tests/simulation/seeds.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace monocoque::simulation {
namespace {

#ifdef MONOCOQUE_SANITIZED
constexpr std::uint64_t seeds_of_a_part = 10;
#else
constexpr std::uint64_t seeds_of_a_part = 100;
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
    EXPECT_EQ(which.what.run(seed).trace, which.what.run(seed).trace) << "seed " << seed;
  }
}

std::vector<part> all_parts() {
  std::vector<part> all;
  for (const scenario& each : {pipeline, broker, fan_out, ring}) {
    for (std::uint64_t number = 0; number < 8; ++number) all.push_back({each, number});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Topology, testing::ValuesIn(all_parts()), [](const auto& which) {
  return std::string(which.param.what.name) + "_" + std::to_string(which.param.number);
});

}  // namespace
}  // namespace monocoque::simulation
