#include "base/huge_pages.hpp"

#include <cstdlib>
#include <limits>
#include <sys/mman.h>

namespace monocoque::base {

void* take_huge_pages(std::size_t size) {
  if (size > std::numeric_limits<std::size_t>::max() - huge_page_size) throw std::bad_alloc();
  const std::size_t rounded = (size + huge_page_size - 1) / huge_page_size * huge_page_size;
  void* const memory = std::aligned_alloc(huge_page_size, rounded);
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // Advice: where it is not taken, the memory is as good as any.
  static_cast<void>(::madvise(memory, rounded, MADV_HUGEPAGE));
#endif
  return memory;
}

void give_back_huge_pages(void* memory) noexcept { std::free(memory); }

}  // namespace monocoque::base
