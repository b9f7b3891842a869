#include "tests/simulation/memory_count.hpp"

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace monocoque::simulation {

namespace {

std::atomic<std::size_t> in_use{0};

}  // namespace

std::size_t heap_in_use() noexcept { return in_use.load(std::memory_order_relaxed); }

#ifndef MONOCOQUE_SANITIZED

namespace {

void* counted(void* made) {
  if (made == nullptr) throw std::bad_alloc();
  in_use.fetch_add(malloc_usable_size(made), std::memory_order_relaxed);
  return made;
}

void release(void* what) noexcept {
  if (what != nullptr) in_use.fetch_sub(malloc_usable_size(what), std::memory_order_relaxed);
  std::free(what);
}

void* allocate(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* allocate(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}

}  // namespace

#endif

}  // namespace monocoque::simulation

// The other forms (of arrays, without an exception) call these.
#ifndef MONOCOQUE_SANITIZED

void* operator new(std::size_t size) { return monocoque::simulation::allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return monocoque::simulation::allocate(size, alignment);
}
void operator delete(void* what) noexcept { monocoque::simulation::release(what); }
void operator delete(void* what, std::size_t) noexcept { monocoque::simulation::release(what); }
void operator delete(void* what, std::align_val_t) noexcept { monocoque::simulation::release(what); }
void operator delete(void* what, std::size_t, std::align_val_t) noexcept {
  monocoque::simulation::release(what);
}

#endif
