#pragma once

#include "base/buffer.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/detail/peer_ref.hpp>

#include <zmq.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::capi {

/// What lies in a `zmq_msg_t`: one frame of a message, and what is known of who sent it. Bindings move these
/// 64 bytes about as they like, so nothing here points into the object itself, and there is no destructor:
/// `close` is the end. One thread uses a part at a time.
class part {
 public:
  /// Payloads up to this size lie in the object.
  static constexpr std::size_t short_capacity = 33;

  /// The part in `where`; null, with `errno` EFAULT, if none was initialised there or it was closed.
  [[nodiscard]] static part* in(zmq_msg_t* where) noexcept;
  [[nodiscard]] static const part* in(const zmq_msg_t* where) noexcept;
  /// An empty part in `where`, whatever is there.
  static part& init(zmq_msg_t* where) noexcept;

  /// `size` bytes without a defined value, of a part that is empty. Throws std::bad_alloc.
  void reserve(std::size_t size);
  /// The caller's memory, of a part that is empty; given back by `release(data, hint)`, if there is such a
  /// function, or else constant. Throws std::bad_alloc, with nothing given back.
  void adopt(void* data, std::size_t size, void (*release)(void*, void*), void* hint);
  /// Takes over a payload, and who sent it; of a part that is empty.
  void take(bytes&& payload, detail::peer_ref&& from);
  /// The payload as a message has it, which shares it if it is long. Throws std::bad_alloc.
  [[nodiscard]] bytes payload() const;
  /// Gives everything up; what is left is an empty part.
  void clear() noexcept;
  /// The same, and the object is no part any more.
  void close() noexcept;
  /// As `other`, whose payload is shared if it is long. Of a part that is empty.
  void share(part& other) noexcept;

  [[nodiscard]] std::byte* data() noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::span<const std::byte> span() const noexcept;
  [[nodiscard]] bool has_more() const noexcept { return (flags_ & more) != 0; }
  void set_more(bool has_more) noexcept;
  /// True if others may use the same memory: what is there should not be changed.
  [[nodiscard]] bool is_shared() const noexcept { return (flags_ & shared) != 0; }
  /// Null if this was not received, or is a copy made by hand.
  [[nodiscard]] const peer_info* peer() const noexcept;

 private:
  /// libzmq's numbers: what zmq_msg_t holds when it was never initialised, or closed, is none of them.
  enum class form : std::uint8_t { closed = 0, short_payload = 101, long_payload = 102 };
  enum flag : std::uint8_t { more = 1, shared = 128 };

  struct place {
    std::byte* data;
    std::size_t size;
    base::buffer* owner;
  };
  [[nodiscard]] place long_place() const noexcept;
  void set_long(const place& where) noexcept;

  detail::peer_ref::counted* peer_;    // one reference, or null
  std::byte storage_[short_capacity];  // the payload, or a `place`
  std::uint8_t short_size_;
  form form_;
  std::uint8_t flags_;
  std::uint32_t routing_id_;
  char group_[16];
};
static_assert(sizeof(part) == sizeof(zmq_msg_t) && alignof(part) <= alignof(zmq_msg_t));

}  // namespace monocoque::capi
