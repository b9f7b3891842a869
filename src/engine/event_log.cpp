#include "engine/event_log.hpp"

#include <array>
#include <string>
#include <utility>

namespace monocoque {

std::string_view name_of(log_level level) noexcept {
  constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
  const auto index = static_cast<std::size_t>(level);
  return index < names.size() ? names[index] : std::string_view("unknown");
}

}  // namespace monocoque

namespace monocoque::engine {

log_level level_of(event_kind kind) noexcept {
  using enum event_kind;
  switch (kind) {
    case connect_delayed:
    case high_water_reached:
    case high_water_left: return log_level::debug;
    case bind_failed: return log_level::error;
    case accept_failed:
    case handshake_failed:
    case heartbeat_missed:
    case refused:
    case dropped: return log_level::warning;
    default: return log_level::info;
  }
}

event_log::event_log(log_function write) : write_(std::move(write)) {
  work_.owner = this;
  work_.run = [](detail::work& item) noexcept {
    event_log& self = *static_cast<posted&>(item).owner;
    // Before the queue is looked at: what is added from now on queues the work again.
    self.work_queued_.store(false);
    self.write_all();
  };
}

bool event_log::add(const event& happened) noexcept {
  if (!pending_.push(happened)) return false;
  if (!work_queued_.exchange(true)) loop_->post(work_);
  return true;
}

void event_log::write_all() noexcept {
  while (const std::optional<event> next = pending_.try_take()) {
    try {
      const std::string line = std::string(name_of(next->socket)) + ": " + next->text();
      write_(level_of(next->kind), line);
    } catch (...) {  // a log that fails must not stop the work it tells of
      continue;
    }
  }
}

}  // namespace monocoque::engine
