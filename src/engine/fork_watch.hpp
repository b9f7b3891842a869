#pragma once

#include <memory>

namespace monocoque::engine {

class context_core;

/// Knows every context of the process, so that none is used in a child that was forked from it: there are no
/// I/O threads there, whoever held a lock has gone, and the descriptors are the parent's as well.
///
/// In the child each context and each socket of it is marked (`become_foreign`): every call answers
/// errc::forked, and destroying does nothing, so that the parent notices nothing. New contexts work. All of
/// it happens inside fork(); other calls pay nothing, but those of a monitor, which does not need its socket:
/// they ask how often there was a fork (io::fork_count). Thread-safe.
struct fork_watch {
  static void add(const std::shared_ptr<context_core>& joining);
};

}  // namespace monocoque::engine
