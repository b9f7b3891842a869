#pragma once

#include "measure/board.hpp"

namespace bench {

/// From now on malloc and its kin (so operator new as well), called in this process, count into `mine`,
/// libraries included.
void count_allocations(process_board& mine);

/// While one lives, what this thread allocates is the benchmark's own and is not counted.
class own_allocation {
 public:
  own_allocation();
  ~own_allocation();
  own_allocation(const own_allocation&) = delete;
  own_allocation& operator=(const own_allocation&) = delete;
};

}  // namespace bench
