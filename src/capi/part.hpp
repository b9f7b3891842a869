#pragma once

#include "base/buffer.hpp"
#include "capi/error_numbers.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/detail/copy_short.hpp>
#include <monocoque/detail/peer_ref.hpp>

#include <zmq.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace monocoque::capi {

/// What lies in a `zmq_msg_t`: one frame of a message, and what is known of who sent it. Bindings move these
/// 64 bytes about as they like, so nothing here points into the object itself, and there is no destructor:
/// `close` is the end. One thread uses a part at a time.
class part {
 public:
  /// Payloads up to this size lie in the object.
  static constexpr std::size_t short_capacity = 33;

  /// The part in `where`; null, with `errno` EFAULT, if none was initialised there or it was closed.
  [[nodiscard]] static part* in(zmq_msg_t* where) noexcept {
    auto* const found = reinterpret_cast<part*>(where);
    if (found != nullptr && (found->form_ == form::short_payload || found->form_ == form::long_payload))
      return found;
    fail(EFAULT);
    return nullptr;
  }
  [[nodiscard]] static const part* in(const zmq_msg_t* where) noexcept {
    return in(const_cast<zmq_msg_t*>(where));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  /// An empty part in `where`, whatever is there.
  static part& init(zmq_msg_t* where) noexcept {
    auto& made = *reinterpret_cast<part*>(where);
    made.empty_out();
    return made;
  }

  /// `size` bytes without a defined value, of a part that is empty. Throws std::bad_alloc.
  void reserve(std::size_t size) {
    if (size <= short_capacity) {
      short_size_ = static_cast<std::uint8_t>(size);
    } else if (size <= base::heap_buffer::small_capacity) {
      base::heap_buffer* const block = base::heap_buffer::make_small();
      set_long({block->data(), size, block});
      flags_ |= small;
    } else {
      reserve_long(size);
    }
  }
  /// The caller's memory, of a part that is empty; given back by `release(data, hint)`, if there is such a
  /// function, or else constant. Throws std::bad_alloc, with nothing given back.
  void adopt(void* data, std::size_t size, void (*release)(void*, void*), void* hint);
  /// Takes over a payload, and who sent it, in place of what is there.
  void take(bytes&& payload, detail::peer_ref&& from) {
    const std::size_t size = payload.size();
    if (!payload.is_inline() || size <= short_capacity || (flags_ & (small | far_group | shared)) != small) {
      clear();
      take_into_empty(std::move(payload));
    } else {
      // Who receives into the same message again and again needs no other memory.
      detail::copy_short(long_data(), payload.data(), size);
      set_long_size(size);
      drop_peer();
      flags_ = small;
      routing_id_ = 0;
      group_[0] = '\0';
    }
    peer_ = from.let_go();
  }
  /// The payload as a message has it, which shares it if it is long. Throws std::bad_alloc.
  [[nodiscard]] bytes payload() const;
  /// Gives everything up; what is left is an empty part.
  void clear() noexcept {
    if (form_ == form::long_payload) long_owner()->release_as_last();
    if ((flags_ & far_group) != 0) group_block()->release();
    drop_peer();
    empty_out();
  }
  /// The same, and the object is no part any more.
  void close() noexcept {
    clear();
    form_ = form::closed;
  }
  /// As `other`, whose payload is shared if it is long. Of a part that is empty.
  void share(part& other) noexcept;

  [[nodiscard]] std::byte* data() noexcept { return form_ == form::long_payload ? long_data() : storage_; }
  [[nodiscard]] std::size_t size() const noexcept {
    return form_ == form::long_payload ? long_size() : short_size_;
  }
  [[nodiscard]] std::span<const std::byte> span() const noexcept {
    if (form_ != form::long_payload) return {storage_, short_size_};
    return {long_data(), long_size()};
  }
  [[nodiscard]] bool has_more() const noexcept { return (flags_ & more) != 0; }
  void set_more(bool has_more) noexcept {
    flags_ = static_cast<std::uint8_t>(has_more ? flags_ | more : flags_ & ~more);
  }
  /// True if others may use the same memory: what is there should not be changed.
  [[nodiscard]] bool is_shared() const noexcept { return (flags_ & shared) != 0; }
  /// Of SERVER and PEER, whom it is from or for; 0: nobody.
  [[nodiscard]] std::uint32_t routing_id() const noexcept { return routing_id_; }
  void set_routing_id(std::uint32_t routing_id) noexcept { routing_id_ = routing_id; }
  /// Of RADIO and DISH, the group that it is for or of; ends with a 0, and lies in the object if it is short.
  [[nodiscard]] const char* group() const noexcept {
    return (flags_ & far_group) != 0 ? reinterpret_cast<const char*>(group_block()->data()) : group_;
  }
  /// Throws std::bad_alloc, and has then done nothing.
  void set_group(std::string_view name);
  /// Null if this was not received, or is a copy made by hand.
  [[nodiscard]] const peer_info* peer() const noexcept;

 private:
  /// libzmq's numbers: what zmq_msg_t holds when it was never initialised, or closed, is none of them.
  enum class form : std::uint8_t { closed = 0, short_payload = 101, long_payload = 102 };
  /// `small`: the payload is long and lies in a small heap_buffer that was made for this part.
  /// `far_group`: the name of the group does not lie in the object.
  enum flag : std::uint8_t { more = 1, small = 2, far_group = 4, shared = 128 };

  struct place {
    std::byte* data;
    std::size_t size;
    base::buffer* owner;
  };
  struct far_name {
    base::heap_buffer* block;
  };
  // Each field by itself, as it was stored: a load that spans two stores waits for both to be done.
  template <class Field>
  [[nodiscard]] Field long_field(std::size_t offset) const noexcept {
    std::uintptr_t found = 0;  // all three are of a pointer's size
    std::memcpy(&found, storage_ + offset, sizeof found);
    return std::bit_cast<Field>(found);
  }
  template <class Field>
  void set_long_field(std::size_t offset, Field value) noexcept {
    const auto stored = std::bit_cast<std::uintptr_t>(value);
    std::memcpy(storage_ + offset, &stored, sizeof stored);
  }
  [[nodiscard]] std::byte* long_data() const noexcept {
    return long_field<std::byte*>(offsetof(place, data));
  }
  [[nodiscard]] std::size_t long_size() const noexcept {
    return long_field<std::size_t>(offsetof(place, size));
  }
  [[nodiscard]] base::buffer* long_owner() const noexcept {
    return long_field<base::buffer*>(offsetof(place, owner));
  }
  void set_long_size(std::size_t size) noexcept { set_long_field(offsetof(place, size), size); }
  void set_long(const place& where) noexcept {
    set_long_field(offsetof(place, data), where.data);
    set_long_size(where.size);
    set_long_field(offsetof(place, owner), where.owner);
    form_ = form::long_payload;
  }
  void reserve_long(std::size_t size);
  [[nodiscard]] base::heap_buffer* group_block() const noexcept {
    far_name found{};
    std::memcpy(&found, group_, sizeof found);
    return found.block;
  }
  void take_into_empty(bytes&& payload) {
    if (payload.is_inline() && payload.size() <= short_capacity) {
      short_size_ = static_cast<std::uint8_t>(payload.size());
      detail::copy_short(storage_, payload.data(), payload.size());
    } else {
      take_long(std::move(payload));
    }
  }
  void take_long(bytes&& payload);
  /// Dropped by the reference's own destructor.
  void drop_peer() noexcept {
    if (peer_ != nullptr) static_cast<void>(detail::peer_ref::prepaid(peer_));
  }
  /// Forgets what is there.
  void empty_out() noexcept {
    peer_ = nullptr;
    form_ = form::short_payload;
    short_size_ = 0;
    flags_ = 0;
    routing_id_ = 0;
    group_[0] = '\0';
  }

  detail::peer_ref::counted* peer_;    // one reference, or null
  std::byte storage_[short_capacity];  // the payload, or a `place`
  std::uint8_t short_size_;
  form form_;
  std::uint8_t flags_;
  std::uint32_t routing_id_;
  char group_[16];  // its name with a 0 behind it; or, with `far_group`, a `far_name` and a reference
};
static_assert(sizeof(part) == sizeof(zmq_msg_t) && alignof(part) <= alignof(zmq_msg_t));

}  // namespace monocoque::capi
