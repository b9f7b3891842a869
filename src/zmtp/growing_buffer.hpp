#pragma once

#include "base/buffer.hpp"

#include <monocoque/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::zmtp {

/// What is to come of a frame and is smaller than this is not worth a read of its own, into its place.
inline constexpr std::size_t min_direct_size = 16 * 1024;

/// Bytes that are put together from several chunks. What it allocates follows what has arrived (at most about
/// twice as much), never what a peer has announced. Belongs to one decoder; not thread-safe.
class growing_buffer {
 public:
  growing_buffer() noexcept = default;
  ~growing_buffer();
  growing_buffer(const growing_buffer&) = delete;
  growing_buffer& operator=(const growing_buffer&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// `still_expected`: how many bytes will be appended in all, this call's included; UINT64_MAX if not known.
  /// Saves memory at the end, is never taken at its word. Throws std::bad_alloc, and has then changed
  /// nothing.
  void append(std::span<const std::byte> data, std::uint64_t still_expected);
  /// Memory behind what is there, as much as has arrived so far but not more than `still_expected`; `commit`
  /// then says how much of it was written.
  [[nodiscard]] std::span<std::byte> room(std::uint64_t still_expected);
  void commit(std::size_t size) noexcept { size_ += size; }

  /// From now on memory that is let go of is overwritten, but for what `take` answers.
  void hold_secrets() noexcept { holds_secrets_ = true; }
  /// The content; nothing remains.
  [[nodiscard]] bytes take();
  /// Forgets the content and gives the memory back.
  void reset() noexcept;

 private:
  [[nodiscard]] std::size_t capacity() const noexcept { return buffer_ ? buffer_->capacity() : 0; }
  void grow(std::size_t least, std::uint64_t still_expected);
  void resize(std::size_t capacity);

  base::heap_buffer* buffer_ = nullptr;
  std::size_t size_ = 0;
  bool holds_secrets_ = false;
};

/// The one and the other, in memory of their own.
[[nodiscard]] bytes joined(std::span<const std::byte> first, std::span<const std::byte> second);

}  // namespace monocoque::zmtp
