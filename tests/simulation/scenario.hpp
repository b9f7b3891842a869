#pragma once

#include "tests/simulation/host.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/world.hpp"

#include <monocoque/monocoque.hpp>

#include <cstdint>
#include <functional>
#include <initializer_list>
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

/// What else than the network may go wrong in a run.
enum class perils : std::uint8_t {
  network,  ///< nothing
  hosts,    ///< processes and machines die and come back, and hosts are cut off; some sockets have heartbeats
};

/// One topology, in the world that the seed makes.
struct scenario {
  const char* name;
  outcome (*run)(std::uint64_t seed, perils also);
  perils also = perils::network;
  [[nodiscard]] outcome run_seed(std::uint64_t seed) const { return run(seed, also); }
};

[[nodiscard]] outcome run_pipeline(std::uint64_t seed, perils also);
[[nodiscard]] outcome run_broker(std::uint64_t seed, perils also);
[[nodiscard]] outcome run_fan_out(std::uint64_t seed, perils also);
[[nodiscard]] outcome run_ring(std::uint64_t seed, perils also);

/// The coroutines of a run. Complains of those that end in a way they must not, and of those that do not end.
class programs {
 public:
  explicit programs(world& in) : world_(in) {}
  void start(host& on, task<> what) { started_.push_back({&on, on.context().spawn(std::move(what))}); }
  /// Runs the world until all that were started have ended, and nothing is planned any more.
  void finish(nanoseconds limit, const char* what);
  [[nodiscard]] bool done() const;
  /// Runs the world until those of hosts that died have ended, too, which nobody waits for otherwise; how
  /// they end does not matter. Their sockets must be closed.
  void bury();

 private:
  struct program {
    host* on;
    join_handle<void> handle;
  };
  world& world_;
  std::vector<program> started_;
};

/// The fate of the hosts of a run, beside the network's.
class mishaps {
 public:
  /// With `perils::network` nothing happens.
  mishaps(world& in, perils also, std::uint64_t seed);
  /// Gives the sockets of a host heartbeats, or not: all the same.
  void draw_heartbeats(host& of, std::initializer_list<socket_options*> all);
  [[nodiscard]] bool has_heartbeats(const host& of) const {
    return of.notices_within() != nanoseconds::zero();
  }
  /// Draws when `who` is cut off for a while, and when it dies, if ever. `close` is called then, when the
  /// host is dead, to close its sockets, and `replace` when another one may take its place.
  void draw_fate(host& who, std::function<void()> close, std::function<void()> replace);
  [[nodiscard]] std::uint64_t deaths() const noexcept { return deaths_; }

 private:
  world& world_;
  chance dice_;
  const bool any_;
  std::uint64_t deaths_ = 0;
};

/// What a host's sockets and coroutines belong to.
struct surroundings {
  world& in;
  mishaps& fates;
  programs& running;
};
/// Binds the two sockets of a host in the middle, `front` to port 5555 and `back` to 6666, and passes on what
/// comes; `replace` as for draw_fate. The sockets stay where they are.
void open_middle(host& on, socket& front, socket& back, const surroundings& around,
                 std::function<void()> replace);

/// Options that make every difference between sockets that a seed may bring, but for heartbeats.
[[nodiscard]] socket_options draw_options(chance& dice);
/// Sleeps now and then.
[[nodiscard]] task<> dawdle(chance& dice);
/// Lets what is under way arrive.
void let_settle(world& in);

}  // namespace monocoque::simulation
