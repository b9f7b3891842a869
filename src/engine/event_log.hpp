#pragma once

#include "engine/event_queue.hpp"
#include "io/loop.hpp"

#include <monocoque/event.hpp>
#include <monocoque/options.hpp>

#include <atomic>
#include <functional>
#include <string_view>

namespace monocoque::engine {

using log_function = std::function<void(log_level, std::string_view)>;

/// Brings what happens to a context's sockets to the application's log function: not where it happens, where
/// a socket is locked, but from the queue of one of the loops. Owned by the context, which outlives the loop.
/// `add` is thread-safe. Bounded as its event_queue is.
class event_log {
 public:
  explicit event_log(log_function write);
  event_log(const event_log&) = delete;
  event_log& operator=(const event_log&) = delete;

  /// Lines are written on that loop's thread. Before anything is added.
  void write_on(io::loop& on) noexcept { loop_ = &on; }
  /// False if there is no memory for it.
  bool add(const event& happened) noexcept;
  void note_missed() noexcept { pending_.note_missed(); }
  /// Writes what is left, on the calling thread; the loop does not run any more.
  void write_rest() noexcept { write_all(); }

 private:
  struct posted : detail::work {
    event_log* owner = nullptr;
  };

  void write_all() noexcept;

  const log_function write_;
  io::loop* loop_ = nullptr;
  event_queue pending_;
  posted work_;
  std::atomic<bool> work_queued_{false};
};

/// How much an event matters.
[[nodiscard]] log_level level_of(event_kind kind) noexcept;

}  // namespace monocoque::engine
