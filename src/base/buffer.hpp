#pragma once

#include "base/small_blocks.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace monocoque::base {

/// A refcounted block of memory. The count is atomic, so slices of one block may live on many threads.
/// The last release disposes of the block through the function its maker gave it (free, back to a pool, call
/// the user). Born with one reference, which the maker owns.
class buffer {
 public:
  using dispose_function = void (*)(buffer*) noexcept;

  explicit buffer(dispose_function dispose) noexcept : dispose_(dispose) {}
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;

  void retain(std::uint32_t count = 1) noexcept { references_.fetch_add(count, std::memory_order_relaxed); }
  void release(std::uint32_t count = 1) noexcept {
    if (references_.fetch_sub(count, std::memory_order_acq_rel) == count) dispose_(this);
  }
  /// The same of one, for who most likely holds the last: nobody can have taken another of it, so that it
  /// need not be counted down.
  void release_as_last() noexcept {
    if (unique()) {
      dispose_(this);
    } else {
      release();
    }
  }
  /// True if the caller holds the only reference (so that nobody else can look at the memory).
  [[nodiscard]] bool unique() const noexcept { return references_.load(std::memory_order_acquire) == 1; }

  /// For who keeps blocks that were disposed of: it has one reference again, the caller's.
  void reborn() noexcept { references_.store(1, std::memory_order_relaxed); }

 protected:
  ~buffer() = default;

 private:
  std::atomic<std::uint32_t> references_{1};
  dispose_function dispose_;
};

/// A buffer with at least `capacity` writable bytes behind it, from the heap or the block_cache. Throws
/// std::bad_alloc; null never. `make` returns it with one reference owned by the caller.
class heap_buffer final : public buffer {
 public:
  static constexpr std::size_t small_capacity = small_blocks::size - sizeof(buffer) - sizeof(std::size_t);

  [[nodiscard]] static heap_buffer* make(std::size_t capacity);
  /// One of `small_capacity` bytes, in the way of `make`.
  [[nodiscard]] static heap_buffer* make_small() {
    void* const memory = small_blocks::take();
    if (memory == nullptr) throw std::bad_alloc();
    return new (memory) heap_buffer(small_capacity);
  }

  [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Grows (or shrinks) a buffer that only the caller holds; may move it. Keeps the first min(old, new)
  /// bytes. Throws std::bad_alloc, in which case the old buffer still stands.
  [[nodiscard]] static heap_buffer* resize(heap_buffer* old, std::size_t capacity);

 private:
  explicit heap_buffer(std::size_t capacity) noexcept : buffer(&heap_buffer::dispose), capacity_(capacity) {}
  static void dispose(buffer* self) noexcept;

  std::size_t capacity_;
};

/// Memory that somebody else owns, who gets it back with the last reference: `give_back(data, hint)` is
/// called once, if there is such a function. `make` throws std::bad_alloc, with nothing called.
class foreign_buffer final : public buffer {
 public:
  [[nodiscard]] static foreign_buffer* make(void* data, void (*give_back)(void*, void*), void* hint) {
    return new foreign_buffer(data, give_back, hint);
  }

 private:
  foreign_buffer(void* data, void (*give_back)(void*, void*), void* hint) noexcept
      : buffer(&dispose), data_(data), give_back_(give_back), hint_(hint) {}
  static void dispose(buffer* self) noexcept {
    auto* const foreign = static_cast<foreign_buffer*>(self);
    if (foreign->give_back_ != nullptr) foreign->give_back_(foreign->data_, foreign->hint_);
    delete foreign;
  }

  void* data_;
  void (*give_back_)(void*, void*);
  void* hint_;
};

}  // namespace monocoque::base
