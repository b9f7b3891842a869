// Monocoque, libzmq and bare sockets side by side: every scenario's cells, in rounds over the rivals.
#include "measure/crew.hpp"
#include "measure/usage.hpp"
#include "report/plots.hpp"
#include "report/results.hpp"
#include "report/table.hpp"
#include "rivals/rival.hpp"
#include "scenarios/scenario.hpp"
#include "settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

namespace {

using namespace bench;

constexpr int most_failures = 2;  // of a rival in a cell: each may cost a whole deadline
volatile std::sig_atomic_t interrupted = 0;

template <class Name>
bool chosen_or_all(const std::vector<Name>& chosen, const Name& name) {
  return chosen.empty() || std::ranges::find(chosen, name) != chosen.end();
}

/// A cell and the scenario that measures it.
struct job {
  const scenario* of;
  cell which;
};

/// Rounds over the rivals, each beginning with another one, so that slow drifts of the machine hit all alike.
cell_result run(const job& work, const std::vector<rival*>& rivals, const settings& chosen, table& seen,
                double done) {
  cell_result result{work.of->name(), work.of->metrics(), work.which, {}};
  for (const rival* who : rivals) result.outcomes.push_back({who->name(), {}, {}, {}, 0});
  const int rounds = std::min(chosen.rounds, work.which.most_rounds);
  for (int round = 0; round < rounds && interrupted == 0; ++round) {
    for (std::size_t i = 0; i < rivals.size() && interrupted == 0; ++i) {
      const std::size_t index = (i + static_cast<std::size_t>(round)) % rivals.size();
      outcome& mine = result.outcomes[index];
      if (mine.failures >= most_failures) continue;
      seen.running(result.scenario, work.which.label, mine.rival, round + 1, rounds, done);
      try {
        mine.add(round, work.of->measure(*rivals[index], work.which, chosen));
      } catch (const cell_failure& problem) {
        if (mine.failures++ == 0) mine.failure = problem.what();
      }
    }
  }
  return result;
}

/// The last thing that is said: what gave no figure, and why. True if there is something.
bool tell_failures(const std::vector<cell_result>& results) {
  bool any = false;
  for (const cell_result& each : results) {
    for (const outcome& who : each.outcomes) {
      if (who.failures == 0) continue;
      if (!std::exchange(any, true)) fmt::print(stderr, "\nbench: some measurements failed:\n");
      fmt::print(stderr, "  {}, {}, {}: {} ({} of its rounds)\n", each.scenario, each.which.label, who.rival,
                 who.failure, who.failures);
    }
  }
  return any;
}

int list_all(const std::vector<std::unique_ptr<scenario>>& scenarios,
             const std::vector<std::unique_ptr<rival>>& rivals) {
  fmt::print("scenarios (--only):\n");
  for (const auto& each : scenarios) fmt::print("  {:<18}{}\n", each->name(), each->summary());
  fmt::print("rivals (--rival):\n");
  for (const auto& each : rivals) fmt::print("  {}\n", each->name());
  return 0;
}

int run_all(const settings& chosen) {
  const auto scenarios = all_scenarios();
  const auto rivals = all_rivals();
  if (chosen.list) return list_all(scenarios, rivals);
  crew::pin_processes(chosen.pin);

  std::vector<job> jobs;
  for (const auto& each : scenarios) {
    if (!chosen.wants_scenario(each->name())) continue;
    for (cell& which : each->cells(chosen)) {
      if (chosen.wants_cell(which.label)) jobs.push_back({each.get(), std::move(which)});
    }
  }
  if (jobs.empty()) throw std::runtime_error("nothing to measure: no cell of these is possible here");
  table seen;
  std::vector<cell_result> results;
  const scenario* last = nullptr;
  for (std::size_t i = 0; i < jobs.size() && interrupted == 0; ++i) {
    if (jobs[i].of != last) seen.scenario_begins(*jobs[i].of);
    last = jobs[i].of;
    if (jobs[i].which.count_system_calls && !why_no_system_calls().empty()) {
      fmt::print("(system calls cannot be counted here: {})\n", why_no_system_calls());
    }
    std::vector<rival*> playing;
    for (const auto& each : rivals) {
      if (chosen_or_all(chosen.rivals, each->name()) && each->plays(jobs[i].which.what))
        playing.push_back(each.get());
    }
    if (playing.empty()) continue;
    results.push_back(
        run(jobs[i], playing, chosen, seen, static_cast<double>(i) / static_cast<double>(jobs.size())));
    seen.cell_done(results.back());
  }
  seen.finish();
  write_json(results, chosen);
  fmt::print("results: {}\n", chosen.json);
  std::fflush(stdout);
  if (!chosen.plots.empty() && interrupted == 0 && !results.empty()) draw_plots(chosen);
  if (interrupted != 0) return 128 + SIGINT;
  return tell_failures(results) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::signal(SIGINT, [](int) { interrupted = 1; });
    return run_all(read_arguments(argc, argv));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "bench: {}\n", failure.what());
    return 1;
  }
}
