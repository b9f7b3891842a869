#pragma once

#include "report/results.hpp"

#include <string>

namespace bench {

/// What is seen while it runs: one line that is rewritten on a terminal, nothing elsewhere; and a block of
/// lines for each cell that is done.
class table {
 public:
  table();
  void running(const std::string& scenario, const std::string& label, const std::string& rival, int round,
               int rounds, double done);
  void scenario_begins(const scenario& which);
  void cell_done(const cell_result& result);
  void finish();

 private:
  void clear();
  bool terminal_;
  bool dirty_ = false;
};

}  // namespace bench
