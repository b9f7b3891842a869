#include <monocoque/detail/frame_block.hpp>

#include "base/block_cache.hpp"

#include <array>
#include <bit>
#include <new>
#include <utility>

namespace monocoque::detail {

/// Blocks that this thread dropped and will use again: some 60 KB at most.
struct frame_cache {
  struct shelf {
    std::uint32_t capacity;  // of each block
    std::uint32_t left;      // so many more are kept
    frame_block* first = nullptr;
  };
  std::array<shelf, 2> shelves{shelf{8, 64}, shelf{32, 8}};
  bool kept = false;  // somebody will empty it at the thread's end
  bool shut = false;  // the thread is ending; messages destroyed later go without

  [[nodiscard]] shelf* shelf_for(std::size_t capacity) noexcept {
    for (shelf& each : shelves) {
      if (capacity <= each.capacity) return &each;
    }
    return nullptr;
  }
  [[nodiscard]] static std::size_t size_of(std::uint32_t capacity) noexcept {
    return sizeof(frame_block) + capacity * sizeof(bytes);
  }
  [[nodiscard]] static frame_block* allocate(std::uint32_t capacity) {
    using base::block_cache;
    const std::size_t size = size_of(capacity);
    if (size > block_cache::largest_block) return ::new (::operator new(size)) frame_block(capacity);
    void* const memory = block_cache::instance().take(block_cache::round_up(size));
    if (memory == nullptr) throw std::bad_alloc();
    return ::new (memory) frame_block(capacity);
  }
  static void free(frame_block* block) noexcept {
    using base::block_cache;
    const std::size_t size = size_of(block->capacity_);
    if (size > block_cache::largest_block) return ::operator delete(block);
    block_cache::instance().put_back(block, block_cache::round_up(size));
  }
  [[nodiscard]] static frame_block* take(shelf& from) noexcept {
    frame_block* const taken = std::exchange(from.first, from.first->next_);
    ++from.left;
    taken->begin_ = taken->end_ = 0;
    return taken;
  }
  [[nodiscard]] bool put(frame_block* block) noexcept {
    shelf* const home = shelf_for(block->capacity_);
    if (home == nullptr || home->left == 0 || !is_kept()) return false;
    block->next_ = home->first;
    home->first = block;
    --home->left;
    return true;
  }
  void empty() noexcept {
    for (shelf& each : shelves) {
      while (each.first != nullptr) free(take(each));
    }
  }
  [[nodiscard]] bool is_kept() noexcept { return kept || keep(); }
  [[gnu::cold, gnu::noinline]] bool keep() noexcept;
};

namespace {

constinit thread_local frame_cache cache;

/// Empties the cache at the thread's end. The cache itself has no destructor, so that it may be looked at
/// until the very end.
struct cache_keeper {
  cache_keeper() noexcept = default;
  cache_keeper(const cache_keeper&) = delete;
  cache_keeper& operator=(const cache_keeper&) = delete;
  ~cache_keeper() {
    cache.empty();
    cache.shut = true;
    cache.kept = false;
  }
  void attend() const noexcept {}
};

thread_local const cache_keeper keeper;

}  // namespace

bool frame_cache::keep() noexcept {
  if (shut) return false;
  keeper.attend();
  kept = true;
  return true;
}

frame_block::handle frame_block::make(std::size_t in_front, std::size_t behind) {
  const std::size_t capacity = in_front + behind;
  frame_cache::shelf* const shelf = cache.shelf_for(capacity);
  frame_block* made = nullptr;
  if (shelf != nullptr && shelf->first != nullptr) {
    made = frame_cache::take(*shelf);
  } else {
    made = frame_cache::allocate(shelf != nullptr ? shelf->capacity
                                                  : static_cast<std::uint32_t>(std::bit_ceil(capacity)));
  }
  made->begin_ = made->end_ = static_cast<std::uint32_t>(in_front);
  return handle(made);
}

void frame_block::drop(frame_block* block) noexcept {
  for (bytes& frame : block->frames()) std::destroy_at(&frame);
  if (!cache.put(block)) frame_cache::free(block);
}

frame_block::handle frame_block::enlarged(std::size_t in_front) {
  handle larger = make(in_front, 2 * count());
  for (bytes& frame : frames()) larger->add_behind(std::move(frame));
  return larger;
}

}  // namespace monocoque::detail
