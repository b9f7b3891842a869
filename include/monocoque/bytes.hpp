#pragma once

#include <monocoque/detail/copy_short.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

namespace base {
class buffer;
}

/// An immutable, refcounted run of bytes: the payload of a frame.
///
/// Up to `inline_capacity` bytes live in the object itself; longer ones are a slice of shared memory that is
/// freed with its last slice. Copying never copies a long payload. Immutable memory may be read from any
/// number of threads, and distinct `bytes` objects (also those that share memory) may be used from distinct
/// threads; one object follows the usual rule of the standard library. Moving or destroying an object with an
/// inline payload invalidates pointers to it, as with `std::string`.
class bytes {
 public:
  /// Payloads up to this size are stored in the object.
  static constexpr std::size_t inline_capacity = 71;

  bytes() noexcept : tag_(0) {}
  ~bytes() { release(); }
  bytes(const bytes& other) noexcept { copy_from(other); }
  bytes(bytes&& other) noexcept { steal(other); }
  bytes& operator=(const bytes& other) noexcept {
    if (this != &other) {
      release();
      copy_from(other);
    }
    return *this;
  }
  bytes& operator=(bytes&& other) noexcept {
    if (this != &other) {
      release();
      steal(other);
    }
    return *this;
  }

  /// A copy of `source`. Throws std::bad_alloc.
  [[nodiscard]] static bytes copy(std::span<const std::byte> source) { return bytes(source); }
  [[nodiscard]] static bytes copy(std::string_view source) { return copy(std::as_bytes(std::span(source))); }

  /// `size` bytes that `fill(std::span<std::byte>)` writes; what it leaves out has no defined value. Throws
  /// std::bad_alloc and what `fill` throws.
  template <std::invocable<std::span<std::byte>> Fill>
  [[nodiscard]] static bytes make(std::size_t size, Fill&& fill) {
    bytes made;
    std::forward<Fill>(fill)(made.reserve(size));
    return made;
  }

  /// Takes over `source`'s memory without copying (when it is longer than what fits inline).
  [[nodiscard]] static bytes adopt(std::string source);

  /// Refers to memory of the caller's, which must stay unchanged until `release(hint)` is called. `release`
  /// is called exactly once, from whichever thread drops the last slice (at once for an empty payload).
  [[nodiscard]] static bytes adopt(std::span<const std::byte> source, void (*release)(void* data, void* hint),
                                   void* hint);

  [[nodiscard]] const std::byte* data() const noexcept { return is_inline() ? storage_ : external().data; }
  [[nodiscard]] std::size_t size() const noexcept { return is_inline() ? tag_ : external().size; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::byte operator[](std::size_t index) const noexcept { return data()[index]; }
  [[nodiscard]] const std::byte* begin() const noexcept { return data(); }
  [[nodiscard]] const std::byte* end() const noexcept { return data() + size(); }

  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data(), size()}; }
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(data()), size()};
  }
  [[nodiscard]] std::string str() const { return std::string(view()); }
  operator std::span<const std::byte>() const noexcept { return span(); }  // NOLINT
  operator std::string_view() const noexcept { return view(); }            // NOLINT

  /// The bytes [offset, offset + size), clamped to what there is; shares memory unless it fits inline.
  [[nodiscard]] bytes slice(std::size_t offset, std::size_t size = SIZE_MAX) const noexcept;

  /// True if the payload lies in the object, so that keeping it keeps no other memory alive.
  [[nodiscard]] bool is_inline() const noexcept { return tag_ != external_tag; }

  /// The memory behind an external payload; null if inline. For the rooms that manage memory.
  [[nodiscard]] base::buffer* owner() const noexcept { return is_inline() ? nullptr : external().owner; }

  /// A slice [data, data + size) of `owner`, whose count is bumped; copied if it fits inline. For the rooms
  /// that manage memory: the range must lie in the initialised part of `owner`.
  [[nodiscard]] static bytes share(base::buffer& owner, const std::byte* data, std::size_t size) noexcept;
  /// The same without bumping: takes over one reference that the caller holds. Never inline.
  [[nodiscard]] static bytes take(base::buffer& owner, const std::byte* data, std::size_t size) noexcept;

  /// As `*this = share(owner, data, size)`, and copied whatever its size if `owner` is null. Up to
  /// `readable_end` memory may be read, though not kept: a copy of fixed size is the faster one.
  void assign(base::buffer* owner, const std::byte* data, std::size_t size, const std::byte* readable_end) {
    if (size > inline_capacity) {
      if (owner == nullptr) {
        *this = copy(std::span(data, size));
        return;
      }
      retain(*owner);
      release();
      return set_taken(*owner, data, size);
    }
    release();
    if (static_cast<std::size_t>(readable_end - data) >= sizeof(bytes)) return set_inline(data, size);
    detail::copy_short(storage_, data, size);
    tag_ = static_cast<std::uint8_t>(size);
  }

  /// As `*this = take(owner, data, size)`, for bytes that are inline.
  void set_taken(base::buffer& owner, const std::byte* data, std::size_t size) noexcept {
    set_external({data, size, &owner});
  }

  /// As `assign` for a payload that fits inline and bytes that are empty; sizeof(bytes) bytes may be read.
  void set_inline(const std::byte* data, std::size_t size) noexcept {
    detail::copy_fixed<sizeof(bytes)>(object(), data);
    tag_ = static_cast<std::uint8_t>(size);
  }

  /// Hands the reference to an external payload's memory, which is returned, to the caller: no bytes are
  /// left.
  [[nodiscard]] base::buffer* let_go() noexcept {
    base::buffer* const owner = external().owner;
    tag_ = 0;
    return owner;
  }

  /// Back to no bytes at all.
  void clear() noexcept {
    release();
    tag_ = 0;
  }

  friend bool operator==(const bytes& left, const bytes& right) noexcept {
    return left.view() == right.view();
  }
  friend bool operator==(const bytes& left, std::string_view right) noexcept { return left.view() == right; }

 private:
  static constexpr std::uint8_t external_tag = 0xff;

  // A copy. Written so that it is made where it is to stay: moving a small payload on costs more than copying
  // it did.
  explicit bytes(std::span<const std::byte> source) : tag_(static_cast<std::uint8_t>(source.size())) {
    if (source.size() <= inline_capacity) {
      detail::copy_short(storage_, source.data(), source.size());
    } else {
      tag_ = 0;
      copy_to_heap(source);
    }
  }
  void copy_to_heap(std::span<const std::byte> source);
  std::span<std::byte> reserve(std::size_t size) {
    if (size > inline_capacity) return reserve_on_heap(size);
    tag_ = static_cast<std::uint8_t>(size);
    return {storage_, size};
  }
  std::span<std::byte> reserve_on_heap(std::size_t size);

  struct slice_of {
    const std::byte* data;
    std::size_t size;
    base::buffer* owner;
  };

  [[nodiscard]] std::byte* object() noexcept { return reinterpret_cast<std::byte*>(this); }
  [[nodiscard]] const std::byte* object() const noexcept { return reinterpret_cast<const std::byte*>(this); }
  void copy_from(const bytes& other) noexcept {
    detail::copy_fixed<sizeof(bytes)>(object(), other.object());
    if (!is_inline()) retain(*external().owner);
  }
  void steal(bytes& other) noexcept {
    detail::copy_fixed<sizeof(bytes)>(object(), other.object());
    other.tag_ = 0;
  }
  void release() noexcept {
    if (!is_inline()) release(*external().owner);
  }
  static void retain(base::buffer& owner) noexcept;
  static void release(base::buffer& owner) noexcept;

  // Copied in and out bytewise, which compiles to plain loads: a union would push the tag to a word of its
  // own.
  // GCC 12 thinks that a short payload might be read as one.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
  [[nodiscard]] slice_of external() const noexcept {
    slice_of found;
    std::memcpy(&found, storage_, sizeof found);
    return found;
  }
#pragma GCC diagnostic pop
  void set_external(const slice_of& slice) noexcept {
    std::memcpy(storage_, &slice, sizeof slice);
    tag_ = external_tag;
  }

  alignas(void*) std::byte storage_[inline_capacity];  // the payload, or a slice_of
  std::uint8_t tag_;                                   // size of an inline payload, or external_tag
};

static_assert(sizeof(bytes) == 72);

}  // namespace monocoque

#pragma GCC visibility pop
