#include "tests/soak/program/footprint.hpp"

#include "base/block_cache.hpp"

#include <filesystem>
#include <iterator>
#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MONOCOQUE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MONOCOQUE_SANITIZED 1
#endif
#endif

#ifdef MONOCOQUE_SANITIZED
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace monocoque::test {
namespace {

std::size_t heap_in_use() {
#ifdef MONOCOQUE_SANITIZED
  return __sanitizer_get_current_allocated_bytes();
#else
  const struct mallinfo2 all = ::mallinfo2();
  return all.uordblks + all.hblkhd;
#endif
}

std::size_t kept_in_blocks() {
  using base::block_cache;
  std::size_t bytes = 0;
  for (std::size_t size = block_cache::round_up(1); size <= block_cache::largest_block;
       size = block_cache::round_up(size + 1)) {
    bytes += size * block_cache::instance().kept(size);
  }
  return bytes;
}

std::size_t entries_of(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

footprint footprint::now() {
  return {.heap_bytes = heap_in_use() - kept_in_blocks(),
          .descriptors = entries_of("/proc/self/fd"),
          .threads = entries_of("/proc/self/task")};
}

}  // namespace monocoque::test
