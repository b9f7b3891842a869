#pragma once

#include "base/slab.hpp"
#include "io/uring_compat.hpp"

#include <monocoque/bytes.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace monocoque::io {

/// The memory that the kernel picks from when a read has something to bring: a provided-buffer ring whose
/// buffers are the free tails of slabs. A tail goes back into the ring while it is long enough, so that many
/// small reads share a slab. Owned by the io_uring driver, used on its thread; must outlive the ring. Starts
/// with few buffers, since the ring takes them in turn and few stay in the cache, and doubles their number
/// when reads have run out of them, up to `max_buffers` slabs.
class uring_buffers {
 public:
  static constexpr unsigned group = 0;
  static constexpr unsigned first_buffers = 4;
  static constexpr unsigned max_buffers = 32;  // a power of two: entries of the ring

  explicit uring_buffers(std::shared_ptr<base::slab_pool> slabs) noexcept : slabs_(std::move(slabs)) {}
  ~uring_buffers();
  uring_buffers(const uring_buffers&) = delete;
  uring_buffers& operator=(const uring_buffers&) = delete;

  /// Registers the ring of buffers: 0 or a negative errno. Linux 5.19.
  [[nodiscard]] int attach(io_uring& ring);
  /// Fills empty places, as many as are wanted. False if the ring is empty all the same: there is no memory.
  [[nodiscard]] bool stock() noexcept;
  /// Wants more buffers, because reads of the last tick found none.
  void want_more() noexcept;
  /// The kernel filled the first `size` bytes of a buffer: they are frozen, and the rest is provided again.
  [[nodiscard]] bytes consume(unsigned buffer, std::size_t size) noexcept;

 private:
  struct place {
    base::slab* slab = nullptr;
    std::size_t used = 0;
  };
  void provide(unsigned buffer) noexcept;

  struct free_ring {
    void operator()(io_uring_buf_ring* memory) const noexcept;
  };
  std::shared_ptr<base::slab_pool> slabs_;
  std::unique_ptr<io_uring_buf_ring, free_ring> entries_;
  std::array<place, max_buffers> places_{};
  unsigned wanted_ = 0;     // how many places should be filled
  unsigned available_ = 0;  // buffers that the kernel may pick
};

}  // namespace monocoque::io
