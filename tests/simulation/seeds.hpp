#pragma once

#include "tests/simulation/scenario.hpp"

#include <cstdint>

namespace monocoque::simulation {

/// Runs a scenario with so many seeds; if MONOCOQUE_SIM_SEED is set, with MONOCOQUE_SIM_SEEDS (one, if that
/// is not set) from that one on instead. A failure says which seed it was and how to run just that one.
void run_seeds(const scenario& what, std::uint64_t first, std::uint64_t count);
/// Runs it with one seed that once went wrong.
void run_seed(const scenario& what, std::uint64_t seed);

inline constexpr scenario pipeline{"pipeline", &run_pipeline};
inline constexpr scenario broker{"broker", &run_broker};
inline constexpr scenario fan_out{"fan_out", &run_fan_out};
inline constexpr scenario ring{"ring", &run_ring};
inline constexpr scenario mortal_pipeline{"mortal_pipeline", &run_pipeline, perils::hosts};
inline constexpr scenario mortal_broker{"mortal_broker", &run_broker, perils::hosts};
inline constexpr scenario mortal_fan_out{"mortal_fan_out", &run_fan_out, perils::hosts};
inline constexpr scenario mortal_ring{"mortal_ring", &run_ring, perils::hosts};

}  // namespace monocoque::simulation
