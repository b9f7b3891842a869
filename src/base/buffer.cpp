#include "base/buffer.hpp"

#include <cstdlib>
#include <new>

namespace monocoque::base {

heap_buffer::heap_buffer(std::size_t capacity) noexcept
    : buffer(&heap_buffer::dispose), capacity_(capacity) {}

heap_buffer* heap_buffer::make(std::size_t capacity) {
  if (capacity > SIZE_MAX - sizeof(heap_buffer)) throw std::bad_alloc();
  // malloc rather than new, so that a large one grows in place (mremap) in `resize`.
  void* memory = std::malloc(sizeof(heap_buffer) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  return new (memory) heap_buffer(capacity);
}

heap_buffer* heap_buffer::resize(heap_buffer* old, std::size_t capacity) {
  if (capacity > SIZE_MAX - sizeof(heap_buffer)) throw std::bad_alloc();
  // Nobody else refers to the block, so its header may move bytewise with the data; the count is made anew.
  void* memory = std::realloc(static_cast<void*>(old), sizeof(heap_buffer) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  return new (memory) heap_buffer(capacity);
}

void heap_buffer::dispose(buffer* self) noexcept {
  auto* block = static_cast<heap_buffer*>(self);
  block->~heap_buffer();
  std::free(block);
}

}  // namespace monocoque::base
