#include "report/results.hpp"

#include <algorithm>

namespace bench {

spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

void outcome::add(int round, const figures& found) {
  for (const auto& [name, value] : found) {
    rounds[name].push_back(value);
    round_numbers[name].push_back(round);
  }
}

std::optional<spread> ratio(const outcome& who, const cell_result& in, const std::string& reference,
                            const std::string& metric_name) {
  const auto other = std::ranges::find(in.outcomes, reference, &outcome::rival);
  if (other == in.outcomes.end()) return std::nullopt;
  const auto mine = who.rounds.find(metric_name);
  const auto theirs = other->rounds.find(metric_name);
  if (mine == who.rounds.end() || theirs == other->rounds.end()) return std::nullopt;
  std::vector<double> ratios;
  const std::vector<int>& my_rounds = who.round_numbers.at(metric_name);
  const std::vector<int>& their_rounds = other->round_numbers.at(metric_name);
  for (std::size_t i = 0; i < my_rounds.size(); ++i) {
    const auto same = std::ranges::find(their_rounds, my_rounds[i]);
    if (same == their_rounds.end()) continue;
    const double value = theirs->second[static_cast<std::size_t>(same - their_rounds.begin())];
    if (value > 0) ratios.push_back(mine->second[i] / value);
  }
  if (ratios.empty()) return std::nullopt;
  return spread_of(std::move(ratios));
}

}  // namespace bench
