#pragma once

#include "engine/socket_core.hpp"

#include <cstddef>
#include <mutex>
#include <new>

namespace monocoque::engine {

// What socket_core tells of, by those who know what happened: templates, so that nothing is put together that
// nobody looks at.

template <class Describe>
bool socket_core::report(event_kind kind, Describe describe) noexcept {
  const std::lock_guard lock(mutex_);
  return report_locked(kind, describe);
}

template <class Describe>
bool socket_core::report_locked(event_kind kind, Describe describe) noexcept {
  ++counted_.events[static_cast<std::size_t>(kind)];
  if (!is_watched()) return true;
  try {
    event happened = describe();
    happened.kind = kind;
    return tell(happened);
  } catch (const std::bad_alloc&) {
    miss_event();
    return false;
  }
}

}  // namespace monocoque::engine
