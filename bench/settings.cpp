#include "settings.hpp"

#include "rivals/rival.hpp"
#include "scenarios/scenario.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace bench {

settings read_arguments(int argc, char** argv) {
  settings chosen;
  CLI::App app("Monocoque beside libzmq and bare sockets, in one run.");
  std::vector<std::string> scenarios;
  for (const auto& each : all_scenarios()) scenarios.push_back(each->name());
  scenarios.emplace_back("curve");  // all that begin with it
  std::vector<std::string> rivals;
  for (const auto& each : all_rivals()) rivals.push_back(each->name());

  app.add_option("--only", chosen.only, "Scenarios to run (repeatable); curve is all with CURVE")
      ->check(CLI::IsMember(scenarios));
  app.add_option("--rival", chosen.rivals, "Rivals to run (repeatable)")->check(CLI::IsMember(rivals));
  app.add_option("--transport", chosen.transports, "Transports (repeatable)")
      ->check(CLI::IsMember({"tcp", "ipc", "inproc"}));
  app.add_option("--size", chosen.sizes, "Bytes a message, 1 to 64 MiB (repeatable)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{64} << 20U));
  app.add_option("--subscribers", chosen.subscribers, "Fan-out: how many, 1 to 4096 (repeatable)")
      ->check(CLI::Range(1U, 4096U));
  app.add_option("--cell", chosen.cells, "Only rows whose label has this text (repeatable)");
  CLI::Option* const rounds =
      app.add_option("--rounds", chosen.rounds, "Rounds over all rivals; medians are shown (default 5)")
          ->check(CLI::Range(1, 1000))
          ->take_last();
  CLI::Option* const seconds =
      app.add_option("--seconds", chosen.seconds,
                     "Length of one measurement, twice that for round trips (default 0.2)")
          ->check(CLI::Range(0.01, 600.0))
          ->take_last();
  app.add_option("--json", chosen.json, "Where results go")->take_last()->capture_default_str();
  app.add_option("--plots", chosen.plots, "Folder for plots; none are drawn without it")->take_last();
  CLI::Option* const quick =
      app.add_flag("--quick", chosen.quick, "A short look: 2 rounds of 0.1 s, fewer sizes");
  app.add_flag("--full", chosen.full, "Every combination of flow, size, frames and ends; takes hours")
      ->excludes(quick);
  app.add_flag("--pin", chosen.pin,
               "The first process of each measurement has the first core to itself, the others the rest");
  app.add_flag("--list", chosen.list, "List scenarios and rivals, and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    std::exit(app.exit(problem) == 0 ? 0 : 2);
  }
  if (chosen.quick && rounds->empty()) chosen.rounds = 2;
  if (chosen.quick && seconds->empty()) chosen.seconds = 0.1;
  return chosen;
}

}  // namespace bench
