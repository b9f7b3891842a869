#include "engine/monitor_mutex.hpp"

namespace monocoque::engine {

/// Handing over what was encoded for many peers may take memory.
void monitor_mutex::shut_lanes() {
  try {
    lanes_.shut();
  } catch (...) {
    unlock();
    throw;
  }
}

}  // namespace monocoque::engine
