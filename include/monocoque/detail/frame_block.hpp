#pragma once

#include <monocoque/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque::detail {

/// The frames of a message that has several, side by side, with free places at both ends. Owned by one
/// message. Blocks of the usual sizes come from a cache of the thread that makes them and go into that of the
/// thread that drops them, each bounded (frame_block.cpp), so that multipart messages in steady traffic
/// allocate nothing.
class frame_block {
 public:
  struct dropper {
    void operator()(frame_block* block) const noexcept { drop(block); }
  };
  using handle = std::unique_ptr<frame_block, dropper>;

  /// An empty one for at least `behind` frames, and `in_front` more before them. Throws std::bad_alloc.
  [[nodiscard]] static handle make(std::size_t in_front, std::size_t behind);

  [[nodiscard]] std::size_t count() const noexcept { return end_ - begin_; }
  [[nodiscard]] bytes* data() noexcept { return place(begin_); }
  [[nodiscard]] const bytes* data() const noexcept { return place(begin_); }
  [[nodiscard]] std::span<bytes> frames() noexcept { return {data(), count()}; }
  [[nodiscard]] std::span<const bytes> frames() const noexcept { return {data(), count()}; }
  [[nodiscard]] bool has_room_in_front() const noexcept { return begin_ != 0; }
  [[nodiscard]] bool has_room_behind() const noexcept { return end_ != capacity_; }
  [[nodiscard]] std::size_t room_behind() const noexcept { return capacity_ - end_; }

  /// Only with room there.
  bytes& add_in_front() noexcept { return *::new (place(--begin_)) bytes(); }
  bytes& add_behind() noexcept { return *::new (place(end_++)) bytes(); }
  void add_behind(bytes&& frame) noexcept { ::new (place(end_++)) bytes(std::move(frame)); }
  void add_behind(std::span<const std::byte> frame) {  // a copy, made where it is to stay
    ::new (place(end_)) bytes(bytes::copy(frame));
    ++end_;
  }
  /// Of at least one.
  void remove_front() noexcept { std::destroy_at(place(begin_++)); }
  /// Another block with these frames, room for as many more behind them, and at least `in_front` free places
  /// before them. Leaves this one with empty frames.
  [[nodiscard]] handle enlarged(std::size_t in_front);

 private:
  friend struct frame_cache;
  explicit frame_block(std::uint32_t capacity) noexcept : capacity_(capacity) {}
  static void drop(frame_block* block) noexcept;

  [[nodiscard]] bytes* place(std::size_t at) noexcept { return reinterpret_cast<bytes*>(this + 1) + at; }
  [[nodiscard]] const bytes* place(std::size_t at) const noexcept {
    return reinterpret_cast<const bytes*>(this + 1) + at;
  }

  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  const std::uint32_t capacity_;
  frame_block* next_ = nullptr;  // in a cache
};

static_assert(sizeof(frame_block) % alignof(bytes) == 0);

}  // namespace monocoque::detail

#pragma GCC visibility pop
