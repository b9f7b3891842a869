#include "engine/send_code.hpp"
#include "engine/socket_core.hpp"

#include <mutex>

namespace monocoque::engine {

/// Open lanes may stay open: none leads to where a message would have to wait.
attempt_code socket_core::probe_send(std::span<const std::byte> first_frame, waiter* joining) {
  const monitor_mutex::for_traffic lock(mutex_);
  if (!usable()) return why_unusable();
  const attempt_code answer = code_of(pattern_->would_route(first_frame));
  if (answer != errc::would_block) return answer;
  if (limits_.never_waits) return succeeded;
  if (joining != nullptr) senders_.add(*joining);
  return errc::would_block;
}

}  // namespace monocoque::engine
