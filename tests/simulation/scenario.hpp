#pragma once

#include "tests/simulation/host.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/world.hpp"

#include <monocoque/monocoque.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace monocoque::simulation {

/// What a run came to.
struct outcome {
  std::vector<std::string> complaints;
  std::uint64_t trace = 0;
  std::uint64_t received = 0;
  std::uint64_t missing = 0;
};

/// One topology, in the world that the seed makes.
struct scenario {
  const char* name;
  outcome (*run)(std::uint64_t seed);
};

[[nodiscard]] outcome run_pipeline(std::uint64_t seed);
[[nodiscard]] outcome run_broker(std::uint64_t seed);
[[nodiscard]] outcome run_fan_out(std::uint64_t seed);
[[nodiscard]] outcome run_ring(std::uint64_t seed);

/// The coroutines of a run. Complains of those that end in a way they must not, and of those that do not end.
class programs {
 public:
  explicit programs(world& in) : world_(in) {}
  void start(host& on, task<> what) { started_.push_back({&on, on.context().spawn(std::move(what))}); }
  /// Runs the world until all that were started have ended.
  void finish(nanoseconds limit, const char* what);
  [[nodiscard]] bool done() const;

 private:
  struct program {
    host* on;
    join_handle<void> handle;
  };
  world& world_;
  std::vector<program> started_;
};

/// Options that make every difference between sockets that a seed may bring.
[[nodiscard]] socket_options draw_options(chance& dice);
/// Sleeps now and then.
[[nodiscard]] task<> dawdle(chance& dice);
/// Lets what is under way arrive.
void let_settle(world& in);

}  // namespace monocoque::simulation
