#include "base/buffer.hpp"

#include "base/block_cache.hpp"
#include "base/small_blocks.hpp"

#include <monocoque/bytes.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace monocoque::base {
namespace {

static_assert(heap_buffer::small_capacity >= bytes::inline_capacity &&
              sizeof(heap_buffer) + heap_buffer::small_capacity == small_blocks::size);

constexpr bool is_small(std::size_t size) noexcept { return size <= small_blocks::size; }

constexpr std::size_t rounded_up(std::size_t size) noexcept {
  return is_small(size) ? small_blocks::size : block_cache::round_up(size);
}

}  // namespace

heap_buffer* heap_buffer::make(std::size_t capacity) {
  if (capacity > SIZE_MAX - sizeof(heap_buffer)) throw std::bad_alloc();
  if (capacity <= small_capacity) return make_small();
  std::size_t size = sizeof(heap_buffer) + capacity;
  void* memory = nullptr;
  if (size <= block_cache::largest_block) {
    size = block_cache::round_up(size);
    memory = block_cache::instance().take(size);
  } else {
    // malloc rather than new, so that it grows in place (mremap) in `resize`.
    memory = std::malloc(size);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return new (memory) heap_buffer(size - sizeof(heap_buffer));
}

heap_buffer* heap_buffer::resize(heap_buffer* old, std::size_t capacity) {
  if (capacity > SIZE_MAX - sizeof(heap_buffer)) throw std::bad_alloc();
  const std::size_t size = sizeof(heap_buffer) + capacity;
  const std::size_t old_size = sizeof(heap_buffer) + old->capacity_;
  if (std::min(size, old_size) > block_cache::largest_block) {
    // Nobody else refers to the block, so its header may move bytewise with the data; the count is made anew.
    void* memory = std::realloc(static_cast<void*>(old), size);
    if (memory == nullptr) throw std::bad_alloc();
    return new (memory) heap_buffer(capacity);
  }
  if (size <= block_cache::largest_block && rounded_up(size) == old_size) return old;
  heap_buffer* const fresh = make(capacity);
  std::memcpy(fresh->data(), old->data(), std::min(old->capacity_, capacity));
  dispose(old);
  return fresh;
}

void heap_buffer::dispose(buffer* self) noexcept {
  auto* block = static_cast<heap_buffer*>(self);
  const std::size_t size = sizeof(heap_buffer) + block->capacity_;
  block->~heap_buffer();
  if (is_small(size)) {
    small_blocks::put_back(block);
  } else if (size <= block_cache::largest_block) {
    block_cache::instance().put_back(block, size);
  } else {
    std::free(block);
  }
}

}  // namespace monocoque::base
