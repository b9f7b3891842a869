#include "tests/simulation/seeds.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace monocoque::simulation {

namespace {

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

std::string recipe_for(std::uint64_t seed) {
  const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
  return "MONOCOQUE_SIM_SEED=" + std::to_string(seed) +
         " MONOCOQUE_SIM_TRACE=1 simulation_test --gtest_filter=" + test->test_suite_name() + "." +
         test->name();
}

outcome run_one(const scenario& what, std::uint64_t seed) {
  set_recipe(recipe_for(seed));
  outcome came = what.run_seed(seed);
  for (const std::string& each : came.complaints) {
    ADD_FAILURE() << what.name << ", seed " << seed << ": " << each << "\n  again: " << recipe();
  }
  return came;
}

}  // namespace

void run_seed(const scenario& what, std::uint64_t seed) { run_one(what, seed); }

void run_seeds(const scenario& what, std::uint64_t first, std::uint64_t count) {
  const std::optional<std::uint64_t> asked = number_in("MONOCOQUE_SIM_SEED");
  if (asked) {
    first = *asked;
    count = number_in("MONOCOQUE_SIM_SEEDS").value_or(1);
  }
  std::uint64_t received = 0;
  std::uint64_t missing = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const outcome came = run_one(what, seed);
    received += came.received;
    missing += came.missing;
    if (testing::Test::HasFailure()) return;  // the first one is enough to look at
  }
  EXPECT_GT(received, 0U) << "nothing happened at all";
  testing::Test::RecordProperty("received", std::to_string(received));
  testing::Test::RecordProperty("missing", std::to_string(missing));
}

}  // namespace monocoque::simulation
