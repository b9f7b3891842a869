#include "base/block_cache.hpp"

#include <algorithm>
#include <atomic>
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

block_cache::block_cache() noexcept {
  for (std::size_t number = 0; number < shelves_.size(); ++number) {
    const std::size_t size = block_size::size_of(number + block_size::number_of(block_size::smallest));
    shelves_[number].limit = spare_limit(std::max<std::size_t>(kept_bytes / size, 2), most_beyond / 2 / size);
  }
}

void* block_cache::take(std::size_t size) noexcept {
  shelf& from = shelf_of(size);
  block* found = nullptr;
  {
    const std::lock_guard lock(from.mutex);
    from.limit.note_taken(++from.in_use);
    found = pop(from, size);
  }
  if (found == nullptr) {
    void* const made = std::malloc(size);
    if (made != nullptr) return made;
    const std::lock_guard lock(from.mutex);
    --from.in_use;
    return nullptr;
  }
  ASAN_UNPOISON_MEMORY_REGION(found, size);  // nothing in other builds
  return found;
}

void block_cache::put_back(void* returned, std::size_t size) noexcept {
  shelf& to = shelf_of(size);
  block* surplus = nullptr;
  {
    const std::lock_guard lock(to.mutex);
    const std::size_t most = to.limit.note_returned(--to.in_use);
    if (to.count < most && (to.count < to.limit.least() || grow_beyond(size))) {
      to.first = new (returned) block{to.first};
      ++to.count;
      ASAN_POISON_MEMORY_REGION(static_cast<std::byte*>(returned) + sizeof(block), size - sizeof(block));
      return;
    }
    if (to.count > most) surplus = pop(to, size);
  }
  std::free(returned);
  if (surplus != nullptr) ASAN_UNPOISON_MEMORY_REGION(surplus, size);
  std::free(surplus);
}

block_cache::block* block_cache::pop(shelf& from, std::size_t size) noexcept {
  block* const found = from.first;
  if (found == nullptr) return nullptr;
  if (from.count > from.limit.least()) beyond_.fetch_sub(size, std::memory_order_relaxed);
  from.first = found->next;
  --from.count;
  return found;
}

bool block_cache::grow_beyond(std::size_t size) noexcept {
  if (beyond_.fetch_add(size, std::memory_order_relaxed) + size <= most_beyond) return true;
  beyond_.fetch_sub(size, std::memory_order_relaxed);
  return false;
}

std::size_t block_cache::kept(std::size_t size) noexcept {
  shelf& of = shelf_of(size);
  const std::lock_guard lock(of.mutex);
  return of.count;
}

}  // namespace monocoque::base
