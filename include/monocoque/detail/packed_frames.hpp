#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/detail/frame_block.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque::detail {

/// Where the payloads lie in a packed message: a few short frames kept as they came, wire bytes and all (RFC
/// 37: a flags octet, a size octet, the payload), in the place of one `bytes`. One word, whose lowest octet
/// is odd, so that it is neither zero nor an address.
class packed_layout {
 public:
  static constexpr std::size_t max_frames = 7;
  static constexpr std::size_t header = 2;

  explicit constexpr packed_layout(std::uint64_t word) noexcept : word_(word) {}
  [[nodiscard]] constexpr std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] constexpr std::size_t count() const noexcept { return (word_ & 0xffU) >> 1U; }
  [[nodiscard]] constexpr std::size_t offset(std::size_t index) const noexcept {
    return (word_ >> (8 * (index + 1))) & 0xffU;
  }
  [[nodiscard]] std::span<const std::byte> payload(const std::byte* run, std::size_t index) const noexcept {
    const std::byte* const begin = run + offset(index);
    return {begin, std::to_integer<std::size_t>(begin[-1])};
  }

  /// With one more frame, whose payload is at `offset`.
  [[nodiscard]] constexpr packed_layout with(std::size_t offset) const noexcept {
    return packed_layout((word_ + 2) | (std::uint64_t{offset} << (8 * (count() + 1))));
  }
  [[nodiscard]] static constexpr packed_layout of_none() noexcept { return packed_layout(1); }

 private:
  std::uint64_t word_;
};

/// The layout of the last message that could be packed: the next ones are often made alike, and to compare
/// their headers with its is cheaper than to walk them.
class packed_shape {
 public:
  /// True if the message at `at` has this shape; so many bytes may be read there as a `bytes` has.
  [[nodiscard]] bool fits(const std::byte* at) const noexcept {
    switch (frames_) {  // the usual numbers are worth code of their own
      case 2: return fits(at, std::make_index_sequence<2>());
      case 3: return fits(at, std::make_index_sequence<3>());
      default: break;
    }
    unsigned differences = 0;
    for (std::size_t i = 0; i < frames_; ++i) differences |= difference(at, i);
    return differences == 0;
  }
  /// Becomes that of the whole, valid message at `at`; false, and as it was, if that cannot be packed.
  [[nodiscard]] bool learn(const std::byte* at) noexcept;

  [[nodiscard]] packed_layout layout() const noexcept { return layout_; }
  /// Of the message, headers included.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  // Not until the first difference: most often there is none, and none of these loads has to wait.
  template <std::size_t... Frame>
  [[nodiscard]] bool fits(const std::byte* at, std::index_sequence<Frame...> /*all*/) const noexcept {
    return (... | difference(at, Frame)) == 0;
  }
  [[nodiscard]] unsigned difference(const std::byte* at, std::size_t frame) const noexcept {
    return static_cast<unsigned>(load(at + layout_.offset(frame) - packed_layout::header) ^ heads_[frame]);
  }
  [[nodiscard]] static std::uint16_t load(const std::byte* at) noexcept {
    std::uint16_t head = 0;
    std::memcpy(&head, at, sizeof head);
    return head;
  }

  packed_layout layout_ = packed_layout::of_none().with(packed_layout::header);
  std::size_t size_ = 0;
  std::size_t frames_ = 1;  // at least, with a head that no message has until one is learnt
  std::array<std::uint16_t, packed_layout::max_frames> heads_{0xffff};
};

/// Where a message has its frames, in one word: in its `bytes`, as the only one or packed, or in a block,
/// which is owned by this. Packed frames are put into a block when somebody asks for them as objects, by
/// whichever thread reads first (`publish`); all else follows the usual rule of the standard library.
class frame_place {
 public:
  /// What it was at one moment.
  class moment {
   public:
    explicit moment(std::uint64_t word) noexcept : word_(word) {}
    [[nodiscard]] bool is_one() const noexcept { return word_ == 0; }
    [[nodiscard]] bool is_packed() const noexcept { return (word_ & 1U) != 0; }
    [[nodiscard]] packed_layout layout() const noexcept { return packed_layout(word_); }
    [[nodiscard]] frame_block* block() const noexcept {
      return reinterpret_cast<frame_block*>(static_cast<std::uintptr_t>(word_));  // NOLINT
    }

   private:
    std::uint64_t word_;
  };

  frame_place() noexcept = default;
  frame_place(frame_place&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  frame_place& operator=(frame_place&& other) noexcept {
    if (this != &other) replace(std::exchange(other.word_, 0));
    return *this;
  }
  frame_place(const frame_place&) = delete;
  frame_place& operator=(const frame_place&) = delete;
  ~frame_place() { drop(); }

  [[nodiscard]] moment now() const noexcept { return moment(shared().load(std::memory_order_acquire)); }
  void reset() noexcept { replace(0); }
  void set(packed_layout layout) noexcept { replace(layout.word()); }
  void set(frame_block::handle block) noexcept { replace(word_of(block.release())); }
  /// Puts `block` in the place of the packed frames that it was made of, unless another thread was first;
  /// answers which block it is.
  frame_block& publish(packed_layout packed, frame_block::handle block) const noexcept {
    std::uint64_t found = packed.word();
    if (shared().compare_exchange_strong(found, word_of(block.get()), std::memory_order_acq_rel,
                                         std::memory_order_acquire)) {
      return *block.release();
    }
    return *moment(found).block();
  }

 private:
  [[nodiscard]] static std::uint64_t word_of(frame_block* block) noexcept {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(block));
  }
  [[nodiscard]] std::atomic_ref<std::uint64_t> shared() const noexcept { return std::atomic_ref(word_); }
  void drop() noexcept {
    if (word_ != 0 && !moment(word_).is_packed()) frame_block::dropper()(moment(word_).block());
  }
  void replace(std::uint64_t word) noexcept {
    drop();
    word_ = word;
  }

  // An atomic where several threads may read a message. To make, move and drop one is one thread's, and
  // compilers see through it that way.
  alignas(std::atomic_ref<std::uint64_t>::required_alignment) mutable std::uint64_t word_ = 0;
};

}  // namespace monocoque::detail

#pragma GCC visibility pop
