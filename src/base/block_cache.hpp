#pragma once

#include "base/short_mutex.hpp"
#include "base/spare_limit.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>

namespace monocoque::base {

/// Sizes of blocks: four in each power of two, which are its quarters 4, 5, 6 and 7.
struct block_size {
  static constexpr std::size_t smallest = 128;

  static constexpr unsigned shift_of(std::size_t size) noexcept {
    return static_cast<unsigned>(std::bit_width(size - 1)) - 3;
  }
  static constexpr std::size_t quarter_of(std::size_t size) noexcept { return (size - 1) >> shift_of(size); }
  static constexpr std::size_t number_of(std::size_t size) noexcept {
    return shift_of(size) * 4 + quarter_of(size);
  }
  /// The largest size of that number.
  static constexpr std::size_t size_of(std::size_t number) noexcept {
    // 4 to 7 quarters; a number counts them on from 4 times its shift.
    const std::size_t shift = number / 4 - 1;
    return (number - 4 * shift + 1) << shift;
  }
  static constexpr std::size_t round_up(std::size_t size) noexcept {
    return size <= smallest ? smallest : (quarter_of(size) + 1) << shift_of(size);
  }
};

/// Heap memory that was given back and waits to be used again, so that steady traffic of payloads that are
/// made, received or put together calls the allocator no more. Sizes are rounded up to one of four a doubling
/// (at most a quarter is left unused); of each size `kept_bytes` may be kept, all together some 5 MB at the
/// worst, and beyond that, of sizes of which more was in use lately, `most_beyond` in all and half of that of
/// one size. What is kept falls only as blocks of that size come and go. One for the process, thread-safe;
/// blocks come and go on any thread.
class block_cache {
 public:
  static constexpr std::size_t largest_block = 128 * 1024;

  block_cache() noexcept;
  static block_cache& instance() noexcept;

  /// What a request for `size` bytes, at most largest_block, really gets.
  [[nodiscard]] static constexpr std::size_t round_up(std::size_t size) noexcept {
    return block_size::round_up(size);
  }
  /// `size` is one that round_up gave. Null if there is no memory.
  [[nodiscard]] void* take(std::size_t size) noexcept;
  void put_back(void* block, std::size_t size) noexcept;
  /// Blocks of that size that wait to be used again.
  [[nodiscard]] std::size_t kept(std::size_t size) noexcept;

 private:
  struct block {
    block* next;
  };
  struct shelf {
    short_mutex mutex;
    block* first = nullptr;
    std::size_t count = 0;   // that are kept
    std::size_t in_use = 0;  // that were taken and have not come back
    spare_limit limit{0, 0};
  };
  static constexpr std::size_t kept_bytes = 128 * 1024;
  static constexpr std::size_t most_beyond = std::size_t{16} * 1024 * 1024;

  [[nodiscard]] shelf& shelf_of(std::size_t size) noexcept {
    return shelves_[block_size::number_of(size) - block_size::number_of(block_size::smallest)];
  }

  // With the shelf's lock held.
  block* pop(shelf& from, std::size_t size) noexcept;
  bool grow_beyond(std::size_t size) noexcept;

  std::array<shelf, block_size::number_of(largest_block) - block_size::number_of(block_size::smallest) + 1>
      shelves_;
  std::atomic<std::size_t> beyond_{0};  // bytes kept beyond each shelf's `least`
};

}  // namespace monocoque::base
