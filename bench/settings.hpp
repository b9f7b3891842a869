#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// What the user asked for. Empty lists: each scenario's own choice.
struct settings {
  std::vector<std::string> only;
  std::vector<std::string> rivals;
  std::vector<std::string> transports;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> subscribers;
  std::vector<std::string> cells;  ///< parts of labels: any of them
  int rounds = 5;
  double seconds = 0.2;  ///< a measurement
  bool quick = false;
  bool full = false;  ///< every combination
  bool pin = false;   ///< processes to cores
  bool list = false;
  std::string json = "build/bench/results.json";
  std::string plots;

  /// By its name, or by what stands before the dash in it.
  [[nodiscard]] bool wants_scenario(const std::string& name) const {
    const std::string family = name.substr(0, name.find('-'));
    const auto is_it = [&](const std::string& each) { return each == name || each == family; };
    return only.empty() || std::ranges::any_of(only, is_it);
  }
  [[nodiscard]] bool wants_cell(const std::string& label) const {
    const auto has = [&](const std::string& part) { return label.find(part) != std::string::npos; };
    return cells.empty() || std::ranges::any_of(cells, has);
  }
  [[nodiscard]] std::chrono::milliseconds window() const {
    return std::chrono::milliseconds(static_cast<long>(seconds * 1000));
  }
  [[nodiscard]] std::vector<std::string> transports_or(std::vector<std::string> usual) const {
    return transports.empty() ? usual : transports;
  }
  [[nodiscard]] std::vector<std::string> transports_or(std::vector<std::string> usual,
                                                       std::vector<std::string> all) const {
    return transports_or(full ? std::move(all) : std::move(usual));
  }
  /// `brief` in a quick run.
  [[nodiscard]] std::vector<std::size_t> sizes_or(std::vector<std::size_t> usual,
                                                  std::vector<std::size_t> brief) const {
    if (!sizes.empty()) return sizes;
    return quick ? brief : usual;
  }
  /// The same, `all` in a full run.
  [[nodiscard]] std::vector<std::size_t> sizes_or(const std::vector<std::size_t>& usual,
                                                  const std::vector<std::size_t>& brief,
                                                  const std::vector<std::size_t>& all) const {
    return sizes_or(full ? all : usual, brief);
  }
};

/// Reads the command line. Prints and exits where that ends it (--help, wrong usage).
settings read_arguments(int argc, char** argv);

}  // namespace bench
