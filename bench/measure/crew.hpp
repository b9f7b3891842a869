#pragma once

#include "measure/board.hpp"
#include "measure/usage.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bench {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A cell that gave no figure: a process failed, died or hung; what() says which and why.
struct cell_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The processes of one cell. Each is killed when the crew goes, whatever state it is in, and when this
/// process dies. Used from one thread; makes the fork while no other thread is there.
class crew {
 public:
  /// From now on the first process of every crew has the first core to itself, the others the other cores.
  static void pin_processes(bool yes);

  explicit crew(board& shared, bool count_system_calls = false);
  ~crew();
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  /// Whose only process is both sides, and may use every core.
  void leave_unpinned() { pinned_ = false; }
  /// Starts a process that does `work` with a board of its own, and returns that board.
  process_board& start(std::string name, const std::function<void(process_board&)>& work);
  /// Waits until `done()`, at most `limit`; throws cell_failure if it does not come true or a process ends.
  void wait_until(const std::string& what, milliseconds limit, const std::function<bool()>& done);
  /// Lets the processes work for so long; throws cell_failure if one ends.
  void wait_for(milliseconds duration);
  /// Has process `index` used up to now.
  [[nodiscard]] usage used(std::size_t index) const;

 private:
  struct member {
    std::string name;
    pid_t id;
    process_board* mine;
    std::unique_ptr<usage_meter> meter;
  };
  void check();

  board& shared_;
  bool count_system_calls_;
  bool pinned_;
  std::vector<member> members_;
};

}  // namespace bench
