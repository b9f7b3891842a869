#pragma once

#include "scenarios/scenario.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// Median and extremes of the rounds.
struct spread {
  double median = 0;
  double least = 0;
  double most = 0;
};
spread spread_of(std::vector<double> values);

/// What one rival did in one cell, all rounds.
struct outcome {
  std::string rival;
  std::map<std::string, std::vector<double>> rounds;  ///< by metric; every round that gave a figure
  std::map<std::string, std::vector<int>> round_numbers;
  std::string failure;  ///< of the first round that gave none; empty if there is none
  int failures = 0;

  void add(int round, const figures& found);
};

/// One cell, all rivals.
struct cell_result {
  std::string scenario;
  std::vector<metric> metrics;
  cell which;
  std::vector<outcome> outcomes;
};

/// `who` by `reference`, round by round; none where they have no round in common. Always "how many times more
/// of the metric", whichever way is better.
std::optional<spread> ratio(const outcome& who, const cell_result& in, const std::string& reference,
                            const std::string& metric_name);

/// Writes everything, with what the machine is, as JSON. Throws std::runtime_error.
void write_json(const std::vector<cell_result>& results, const settings& chosen);

}  // namespace bench
