#pragma once

#include <cstddef>
#include <new>

namespace monocoque::base {

inline constexpr std::size_t huge_page_size = std::size_t{2} << 20U;

/// Memory of a multiple of the size of a huge page, for which the system is asked to take such pages. Throws
/// std::bad_alloc.
[[nodiscard]] void* take_huge_pages(std::size_t size);
void give_back_huge_pages(void* memory) noexcept;

/// For tables in which each look goes to another place: of those that are large, each look would miss the
/// processor's table of pages as well, which costs as much again as the memory itself. Small ones begin with
/// a cache line.
template <class T>
struct huge_page_allocator {
  using value_type = T;
  static_assert(alignof(T) <= 64);
  static constexpr std::align_val_t cache_line{64};

  huge_page_allocator() noexcept = default;
  template <class Other>
  huge_page_allocator(const huge_page_allocator<Other>&) noexcept {}  // NOLINT: as allocators are

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    if (count * sizeof(T) >= huge_page_size) return static_cast<T*>(take_huge_pages(count * sizeof(T)));
    return static_cast<T*>(::operator new(count * sizeof(T), cache_line));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    if (count * sizeof(T) >= huge_page_size) {
      give_back_huge_pages(memory);
    } else {
      ::operator delete(memory, cache_line);
    }
  }
  friend bool operator==(const huge_page_allocator&, const huge_page_allocator&) noexcept { return true; }
};

}  // namespace monocoque::base
