#include "scenarios/all.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace bench {

namespace {

/// The processes of one rival that ask and answer, or that send and receive in the background; over inproc,
/// one process that does both.
class pair_at_work {
 public:
  pair_at_work(rival& who, const traffic& what) : processes_(*shared_) {
    if (what.transport == "inproc") {
      start_in_one(who, what);
    } else {
      start_two(who, what);
    }
    processes_.wait_until("first message", setup_limit, [&] { return counting_->messages.value() > 0; });
  }
  crew& processes() { return processes_; }
  board& shared() { return *shared_; }
  /// The board of the side that counts.
  process_board& counting() { return *counting_; }

 private:
  void start_two(rival& who, const traffic& what) {
    process_board& first = processes_.start(who.name() + (what.round_trip ? " answerer" : " receiver"),
                                            [&](process_board& mine) {
                                              const duty role = duty_of(what, *shared_, mine, true);
                                              what.round_trip ? who.answer(role) : who.receive(role);
                                            });
    processes_.wait_until("bind", setup_limit, [&] { return shared_->bound.load(); });
    process_board& second =
        processes_.start(who.name() + (what.round_trip ? " asker" : " sender"), [&](process_board& mine) {
          const duty role = duty_of(what, *shared_, mine, false);
          what.round_trip ? who.ask(role) : who.send(role);
        });
    counting_ = what.round_trip ? &second : &first;
  }
  void start_in_one(rival& who, const traffic& what) {
    processes_.leave_unpinned();
    counting_ = &processes_.start(who.name(), [&](process_board& mine) {
      who.exchange(duty_of(what, *shared_, mine, false), duty_of(what, *shared_, mine, true));
    });
  }

  shared_board shared_;
  crew processes_;
  process_board* counting_ = nullptr;
};

/// The latency that a share of the sorted trips stays within, in microseconds.
double percentile(const std::vector<std::uint32_t>& sorted, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)] / 1000.0;
}

figures time_trips(pair_at_work& pair, milliseconds duration) {
  process_board& asker = pair.counting();
  pair.processes().wait_for(milliseconds(50));
  const std::uint64_t from = asker.messages.value();
  pair.processes().wait_for(duration);
  const std::uint64_t to = asker.messages.value();
  if (asker.wrong.value() != 0) throw cell_failure("replies arrived damaged");
  if (to == from) throw cell_failure("no reply while it was measured");
  std::vector<std::uint32_t> trips;
  // What is older than the ring of samples is overwritten; the last few may be while we read.
  const std::uint64_t kept = std::min<std::uint64_t>(to - from, board::max_samples / 2);
  for (std::uint64_t i = to - kept; i < to; ++i) {
    trips.push_back(pair.shared().nanoseconds[i % board::max_samples]);
  }
  std::ranges::sort(trips);
  return {{"p50_us", percentile(trips, 0.5)},
          {"p90_us", percentile(trips, 0.9)},
          {"p99_us", percentile(trips, 0.99)},
          {"p99.9_us", percentile(trips, 0.999)}};
}

cell trip_cell(traffic what, bool under_load) {
  cell made;
  const std::string name = what.kind == flow::req_rep ? "REQ<->REP" : "DEALER<->ROUTER";
  made.label = what.transport + " " + name + " " + size_label(what.size) +
               (under_load ? " beside a 50% stream" : "") + security_label(what);
  made.labels = {{"transport", what.transport},
                 {"flow", name},
                 {"size", std::to_string(what.size)},
                 {"load", under_load ? "50%" : "none"}};
  made.under_load = under_load;
  made.what = std::move(what);
  made.what.round_trip = true;
  return made;
}

class trip_scenario : public scenario {
 public:
  using scenario::scenario;
  [[nodiscard]] std::vector<metric> metrics() const override {
    return {{"p50_us", "p50 us", 1, 1, false, true},
            {"p90_us", "p90", 1, 1},
            {"p99_us", "p99", 1, 1, false, true},
            {"p99.9_us", "p99.9", 1, 1}};
  }
  [[nodiscard]] figures measure(rival& who, const cell& which, const settings& chosen) const override {
    traffic load;
    std::optional<pair_at_work> background;
    if (which.under_load) {
      load.transport = which.what.transport;
      load.rate = stream(who, load, chosen.window(), false).rate() / 2;
      background.emplace(who, load);
    }
    pair_at_work pair(who, which.what);
    return time_trips(pair, 2 * chosen.window());  // for what is seen once in a thousand trips
  }
};

class round_trip final : public trip_scenario {
 public:
  round_trip()
      : trip_scenario("roundtrip", "REQ and REP, DEALER and ROUTER: latencies, alone and beside a stream") {}

  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    for (const std::string& transport : chosen.transports_or({"tcp", "ipc", "inproc"})) {
      for (const bool loaded : {false, true}) {
        for (const flow kind : {flow::req_rep, flow::dealer_router}) {
          for (const std::size_t size : chosen.sizes_or({1, 64, 1024}, {64})) {
            const bool usual = kind == flow::req_rep ? !loaded || size == 64 : !loaded && size == 64;
            if (loaded && transport == "inproc") continue;
            if (!usual && !chosen.full && chosen.sizes.empty()) continue;
            traffic what;
            what.kind = kind;
            what.transport = transport;
            what.size = size;
            made.push_back(trip_cell(what, loaded));
          }
        }
      }
    }
    return made;
  }
};

class curve_round_trip final : public trip_scenario {
 public:
  curve_round_trip() : trip_scenario("curve-roundtrip", "REQ and REP with CURVE: latencies") {}

  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    const auto sizes = chosen.sizes_or({16, 64, 1024, 65'536}, {64});
    for (const traffic& what : encrypted(chosen, flow::req_rep, sizes)) {
      made.push_back(trip_cell(what, false));
      if (chosen.rivals.empty()) made.back().most_rounds = 3;  // eleven of them
    }
    return made;
  }
};

}  // namespace

std::unique_ptr<scenario> make_round_trip() { return std::make_unique<round_trip>(); }
std::unique_ptr<scenario> make_curve_round_trip() { return std::make_unique<curve_round_trip>(); }

}  // namespace bench
