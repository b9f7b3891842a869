#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace bench {

namespace {

constexpr int value_width = 12;
constexpr int ratio_width = 23;

/// Where ratios go: a spinning rival is compared with those that spin, one that passes buffers with libzmq
/// where that does.
std::string reference(const outcome& who, std::string_view base) {
  const bool buffers = who.rival.ends_with("-buffers") && base == "libzmq";
  return std::string(base) + (who.rival.ends_with("-spin") ? "-spin" : buffers ? "-buffers" : "");
}

std::string times(double value) { return fmt::format("{:.{}f}", value, value < 100 ? 2 : 0); }

std::string ratio_text(const outcome& who, const cell_result& in, std::string_view base,
                       const std::string& name) {
  const std::string other = reference(who, base);
  if (who.rival == other) return "";
  const auto found = ratio(who, in, other, name);
  if (!found) return "";
  return fmt::format("{}x ({}-{})", times(found->median), times(found->least), times(found->most));
}

/// The rivals that others are compared with, as far as they took part.
std::vector<std::string_view> bases(const cell_result& result) {
  std::vector<std::string_view> found;
  for (const std::string_view base : {"libzmq", "floor", "crypto"}) {
    const auto is_base = [&](const outcome& who) {
      return who.rival.starts_with(base) && !who.rounds.empty();
    };
    if (std::ranges::any_of(result.outcomes, is_base)) found.push_back(base);
  }
  return found;
}

std::string header(const cell_result& result) {
  std::string line = fmt::format("  {:<20}", "");
  for (const metric& each : result.metrics) {
    line += fmt::format("{:>{}}", each.title,
                        std::max<int>(value_width, static_cast<int>(each.title.size()) + 1));
    if (!each.compared) continue;
    for (const std::string_view base : bases(result))
      line += fmt::format("{:>{}}", fmt::format("of {}", base), ratio_width);
  }
  return line;
}

std::string row(const outcome& who, const cell_result& result) {
  std::string line = fmt::format("  {:<20}", who.rival);
  for (const metric& each : result.metrics) {
    const auto found = who.rounds.find(each.name);
    const int width = std::max<int>(value_width, static_cast<int>(each.title.size()) + 1);
    if (found == who.rounds.end()) {
      line += fmt::format("{:>{}}", "-", width);
    } else {
      line += fmt::format("{:>{}.{}f}", spread_of(found->second).median / each.scale, width, each.digits);
    }
    if (!each.compared) continue;
    for (const std::string_view base : bases(result)) {
      line += fmt::format("{:>{}}", ratio_text(who, result, base, each.name), ratio_width);
    }
  }
  if (who.failures > 0) line += fmt::format("  ! {} of its rounds failed: {}", who.failures, who.failure);
  return line;
}

}  // namespace

table::table() : terminal_(isatty(STDOUT_FILENO) != 0) {}

void table::clear() {
  if (dirty_) fmt::print("\r\x1b[K");
  dirty_ = false;
}

void table::running(const std::string& scenario, const std::string& label, const std::string& rival,
                    int round, int rounds, double done) {
  if (!terminal_) return;
  clear();
  fmt::print("[{:3.0f}%] {} {}: {} (round {} of {})", done * 100, scenario, label, rival, round, rounds);
  dirty_ = true;
  std::fflush(stdout);
}

void table::scenario_begins(const scenario& which) {
  clear();
  fmt::print("\n== {}: {}\n", which.name(), which.summary());
  std::fflush(stdout);
}

void table::cell_done(const cell_result& result) {
  clear();
  const bool anything =
      std::ranges::any_of(result.outcomes, [](const outcome& who) { return !who.rounds.empty(); });
  fmt::print("\n{}\n", result.which.label);
  if (anything) fmt::print("{}\n", header(result));
  for (const outcome& who : result.outcomes) {
    if (who.rounds.empty()) {
      fmt::print("  {:<18}no figure: {}\n", who.rival, who.failure);
    } else {
      fmt::print("{}\n", row(who, result));
    }
  }
  std::fflush(stdout);
}

void table::finish() {
  clear();
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace bench
