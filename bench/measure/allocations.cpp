#include "measure/allocations.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

// glibc's own entry points, behind the names that are taken over below.
extern "C" {
void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* old, std::size_t size);               // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT
}

namespace bench {

namespace {

std::atomic<process_board*> counted{nullptr};
std::atomic<unsigned> threads{0};
constinit thread_local unsigned slot = process_board::max_threads;
constinit thread_local unsigned ignored = 0;

void count_one() {
  process_board* const mine = counted.load(std::memory_order_relaxed);
  if (mine == nullptr || ignored != 0) return;
  // More threads than slots share the last one, which then counts roughly.
  if (slot == process_board::max_threads) {
    const unsigned next = threads.fetch_add(1, std::memory_order_relaxed);
    slot = next < process_board::max_threads ? next : process_board::max_threads - 1;
  }
  mine->threads[slot].allocations.add(1);
}

}  // namespace

void count_allocations(process_board& mine) { counted = &mine; }

own_allocation::own_allocation() { ++ignored; }
own_allocation::~own_allocation() { --ignored; }

}  // namespace bench

// NOLINTBEGIN: these are the C library's names and signatures.
#pragma GCC visibility push(default)
extern "C" {

void* malloc(std::size_t size) {
  bench::count_one();
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  bench::count_one();
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  bench::count_one();
  return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  bench::count_one();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  *result = memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}
}
#pragma GCC visibility pop
// NOLINTEND
