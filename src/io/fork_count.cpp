#include "io/fork_count.hpp"

#include <atomic>
#include <pthread.h>

namespace monocoque::io {
namespace {

std::atomic<unsigned> forks_so_far{0};

void after_fork_in_child() { forks_so_far.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

unsigned fork_count() noexcept {
  static const int registered = ::pthread_atfork(nullptr, nullptr, after_fork_in_child);
  static_cast<void>(registered);
  return forks_so_far.load(std::memory_order_relaxed);
}

}  // namespace monocoque::io
