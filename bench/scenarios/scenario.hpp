#pragma once

#include "measure/crew.hpp"
#include "rivals/rival.hpp"
#include "settings.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// One thing that is measured.
struct metric {
  std::string name;   ///< in results
  std::string title;  ///< of the column
  double scale = 1;   ///< what a value is divided by to be shown
  int digits = 2;
  bool more_is_better = false;
  bool compared = false;  ///< ratios to libzmq and to the floor are shown
};

/// One row of a scenario: the same traffic for every rival.
struct cell {
  std::string label;                                        ///< for people
  std::vector<std::pair<std::string, std::string>> labels;  ///< what makes it this cell, for results
  traffic what;
  bool count_system_calls = false;
  bool under_load = false;
  int most_rounds = 1000;  ///< where the setup alone takes seconds
};

using figures = std::map<std::string, double>;

/// A kind of measurement and its cells.
class scenario {
 public:
  scenario(std::string name, std::string summary) : name_(std::move(name)), summary_(std::move(summary)) {}
  virtual ~scenario() = default;
  scenario(const scenario&) = delete;
  scenario& operator=(const scenario&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& summary() const { return summary_; }
  [[nodiscard]] virtual std::vector<metric> metrics() const = 0;
  [[nodiscard]] virtual std::vector<cell> cells(const settings& chosen) const = 0;
  /// One round of one rival. Throws cell_failure.
  [[nodiscard]] virtual figures measure(rival& who, const cell& which, const settings& chosen) const = 0;

 private:
  std::string name_;
  std::string summary_;
};

/// All of them, in the order in which they run.
std::vector<std::unique_ptr<scenario>> all_scenarios();

// -- shared by the implementations

/// Processes get so long to find each other.
inline constexpr milliseconds setup_limit{10'000};

/// A duty for a process that binds or connects.
duty duty_of(const traffic& what, board& shared, process_board& mine, bool binds);

/// What happened between two looks at some counters: of messages and of usage, a process each.
struct window {
  double seconds = 0;
  double messages = 0;
  std::vector<usage> begin;
  std::vector<usage> end;

  [[nodiscard]] double rate() const { return messages / seconds; }
};

/// Lets the crew work for the window's time and measures. `receivers` count messages; throws cell_failure if
/// one of them got a wrong one, or none came.
window watch(crew& crew_at_work, const std::vector<process_board*>& receivers, std::size_t processes,
             milliseconds duration);

std::string size_label(std::size_t bytes);

}  // namespace bench
