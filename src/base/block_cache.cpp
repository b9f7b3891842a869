#include "base/block_cache.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <sanitizer/asan_interface.h>

namespace monocoque::base {

block_cache& block_cache::instance() noexcept {
  // Never destroyed: payloads may be let go of by destructors of other static objects.
  alignas(block_cache) static std::byte memory[sizeof(block_cache)];
  static block_cache* const made = new (memory) block_cache;
  return *made;
}

void* block_cache::take(std::size_t size) noexcept {
  shelf& from = shelf_of(size);
  block* found = nullptr;
  {
    const std::lock_guard lock(from.mutex);
    found = from.first;
    if (found != nullptr) {
      from.first = found->next;
      --from.count;
    }
  }
  if (found == nullptr) return std::malloc(size);
  ASAN_UNPOISON_MEMORY_REGION(found, size);  // nothing in other builds
  return found;
}

void block_cache::put_back(void* returned, std::size_t size) noexcept {
  shelf& to = shelf_of(size);
  const std::size_t most = std::max<std::size_t>(kept_bytes / size, 2);
  {
    const std::lock_guard lock(to.mutex);
    if (to.count < most) {
      to.first = new (returned) block{to.first};
      ++to.count;
      ASAN_POISON_MEMORY_REGION(static_cast<std::byte*>(returned) + sizeof(block), size - sizeof(block));
      return;
    }
  }
  std::free(returned);
}

}  // namespace monocoque::base
