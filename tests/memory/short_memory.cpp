// The program's allocators: those of C++ are replaced, and the linker has malloc and realloc come here
// (--wrap, in tests/CMakeLists.txt), as far as they are called by what is linked in.

#include "tests/memory/short_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace monocoque::test {
namespace {

std::atomic<bool> is_short{false};
std::atomic<std::int64_t> asked{0};
std::atomic<std::int64_t> first_to_fail{0};
std::atomic<std::int64_t> last_to_fail{0};

bool must_fail() noexcept {
  if (!is_short.load(std::memory_order_acquire)) return false;
  const std::int64_t number = asked.fetch_add(1, std::memory_order_relaxed) + 1;
  return number >= first_to_fail.load(std::memory_order_relaxed) &&
         number <= last_to_fail.load(std::memory_order_relaxed);
}

}  // namespace

short_memory::short_memory(std::int64_t first, std::int64_t more) noexcept {
  asked.store(0);
  first_to_fail.store(first);
  last_to_fail.store(first + more);
  is_short.store(true);
}

void short_memory::end() noexcept { is_short.store(false); }
std::int64_t short_memory::asked_for() noexcept { return asked.load(); }

}  // namespace monocoque::test

using monocoque::test::must_fail;

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
void* __real_malloc(std::size_t size);
void* __real_realloc(void* old, std::size_t size);
void* __wrap_malloc(std::size_t size);
void* __wrap_realloc(void* old, std::size_t size);
void* __wrap_malloc(std::size_t size) { return must_fail() ? nullptr : __real_malloc(size); }
void* __wrap_realloc(void* old, std::size_t size) {
  return must_fail() ? nullptr : __real_realloc(old, size);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
}

namespace {

void* given_or_thrown(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return given_or_thrown(must_fail() ? nullptr : __real_malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return given_or_thrown(must_fail() ? nullptr : std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void* operator new(std::size_t size, const std::nothrow_t& /*asked*/) noexcept {
  return must_fail() ? nullptr : __real_malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
