#include "base/small_blocks.hpp"

#include <cstdlib>

namespace monocoque::base {

constinit thread_local small_blocks::list small_blocks::mine;

/// Empties the thread's list at its end.
struct small_blocks::keeper {
  keeper() noexcept {
    mine.state = list::attended;
    mine.room = most_kept;
  }
  ~keeper() {
    mine.state = list::over;
    mine.room = 0;
    while (block* const next = mine.first) {
      mine.first = next->next;
      ASAN_UNPOISON_MEMORY_REGION(next, size);
      std::free(next);
    }
  }
  keeper(const keeper&) = delete;
  keeper& operator=(const keeper&) = delete;
};

void* small_blocks::make() noexcept { return std::malloc(size); }

void small_blocks::put_back_without_room(void* returned) noexcept {
  if (mine.state != list::unattended) return std::free(returned);
  static thread_local const keeper attending;
  put_back(returned);
}

}  // namespace monocoque::base
