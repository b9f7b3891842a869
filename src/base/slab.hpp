#pragma once

#include "base/buffer.hpp"
#include "base/short_mutex.hpp"
#include "base/spare_limit.hpp"

#include <monocoque/bytes.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace monocoque::base {

class slab_pool;

/// A block of `slab_pool::slab_size()` bytes for the kernel to read into. Its address never changes. What has
/// been filled is frozen into immutable `bytes`; a slab goes back to its pool when the last of them is gone.
class slab final : public buffer {
 public:
  [[nodiscard]] std::byte* data() noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  friend class slab_pool;
  slab(std::shared_ptr<slab_pool> home, std::size_t capacity);
  static void dispose(buffer* self) noexcept;

  std::shared_ptr<slab_pool> home_;  // set while the slab is out of the pool
  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_;
};

/// Slabs of one size. One pool a loop; `take` and the return of slabs are thread-safe. Keeps at most
/// `max_spare` unused slabs, up to eight times as many if more were in use lately; slabs in use are bounded
/// by what the users of the pool hold.
class slab_pool : public std::enable_shared_from_this<slab_pool> {
 public:
  static constexpr std::size_t default_slab_size = 64 * 1024;
  static constexpr std::size_t default_max_spare = 32;

  [[nodiscard]] static std::shared_ptr<slab_pool> make(std::size_t slab_size = default_slab_size,
                                                       std::size_t max_spare = default_max_spare);
  ~slab_pool();
  slab_pool(const slab_pool&) = delete;
  slab_pool& operator=(const slab_pool&) = delete;

  /// A slab with one reference that the caller owns. Its content is not initialised. Throws std::bad_alloc.
  [[nodiscard]] slab* take();

  [[nodiscard]] std::size_t slab_size() const noexcept { return slab_size_; }
  /// Slabs that somebody holds at this moment.
  [[nodiscard]] std::size_t in_use() const noexcept { return in_use_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t spare() const;

 private:
  slab_pool(std::size_t slab_size, std::size_t max_spare)
      : slab_size_(slab_size), limit_(max_spare, 8 * max_spare) {}
  friend class slab;
  void put_back(slab* returned) noexcept;

  std::size_t slab_size_;
  std::atomic<std::size_t> in_use_{0};
  mutable short_mutex mutex_;
  spare_limit limit_;
  std::vector<slab*> free_;
};

/// Fills slabs from the front and freezes what was filled, so that many small reads share one slab.
/// Belongs to one thread (the loop's). The uninitialised tail is only ever handed out for writing.
class slab_writer {
 public:
  explicit slab_writer(std::shared_ptr<slab_pool> pool) noexcept : pool_(std::move(pool)) {}
  ~slab_writer();
  slab_writer(const slab_writer&) = delete;
  slab_writer& operator=(const slab_writer&) = delete;

  /// Room to write into: at least `min_size` bytes (at most a slab's size). Stays valid until the next call
  /// of `room` or `commit`.
  [[nodiscard]] std::span<std::byte> room(std::size_t min_size);
  /// Freezes the first `size` bytes of the room: they must have been written.
  [[nodiscard]] bytes commit(std::size_t size) noexcept;

 private:
  std::shared_ptr<slab_pool> pool_;
  slab* current_ = nullptr;
  std::size_t used_ = 0;
};

}  // namespace monocoque::base
