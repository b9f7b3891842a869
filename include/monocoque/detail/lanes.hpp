#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/detail/copy_short.hpp>
#include <monocoque/detail/packed_frames.hpp>
#include <monocoque/detail/peer_ref.hpp>
#include <monocoque/frame_view.hpp>
#include <monocoque/message.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#pragma GCC visibility push(default)

// The short cut of a socket that has one peer: what the put and get areas are to a std::streambuf. The engine
// opens a lane for as many messages as need nothing but to be encoded or decoded; each then costs a few dozen
// instructions in the caller, and the engine is asked again when the lane ends. In an inline context the
// application's thread uses them as it likes; in a threaded one they are used under the socket's monitor
// only.

namespace monocoque {

namespace engine {
class open_lanes;
}

namespace detail {

/// Room at the end of the outgoing segment of a socket's only peer.
class send_lane {
 public:
  /// Encodes a message of one frame; false, with nothing done, if it is not for the lane.
  bool put(std::span<const std::byte> payload) noexcept {
    if (!takes_short(payload.size())) return payload.size() > max_short && left_ != 0 && put_long(payload);
    copy_short(at_ + short_header, payload.data(), payload.size());
    advance_short(payload.size());
    return true;
  }
  bool put(const bytes& payload) noexcept {
    if (!payload.is_inline()) return payload.size() < worth_sharing && put(payload.span());
    if (!takes_short(payload.size())) return false;
    // A copy of fixed size is the faster one.
    copy_fixed<sizeof(bytes)>(at_ + short_header, reinterpret_cast<const std::byte*>(&payload));
    advance_short(payload.size());
    return true;
  }
  bool put(const message& what) noexcept {
    return what.has_several() ? put_several(what) : put(what.only_frame());
  }
  /// The same for several frames, all of them or none.
  bool put(std::span<const bytes> frames) noexcept;
  bool put(std::span<const frame_view> frames) noexcept;
  /// The payload is written by `fill`, where it goes out from.
  template <class Fill>
  bool put_in_place(std::size_t size, Fill& fill) {
    if (takes_short(size)) {
      fill(std::span(at_ + short_header, size));
      advance_short(size);
      return true;
    }
    if (!takes_long(size)) return false;
    fill(std::span(at_ + long_header, size));
    advance_long(size);
    return true;
  }
  /// The same for several frames, each written by `fill(index, std::span<std::byte>)`.
  template <class Fill>
  bool put_in_place(std::span<const std::size_t> sizes, Fill& fill) {
    if (left_ <= closed_to_several_ || sizes.empty() || !takes_all(sizes)) return false;
    std::byte* at = at_;
    std::byte* last = at;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::size_t size = sizes[i];
      if (!fits(at, size)) return false;  // the size was changed meanwhile
      last = at;
      at = put_header(at, size, more_flag);
      fill(i, std::span(at, size));
      at += size;
    }
    *last &= ~more_flag;
    at_ = at;
    --left_;
    return true;
  }

  /// True if it takes another message.
  [[nodiscard]] bool is_open() const noexcept { return left_ != 0; }

  /// Payloads that share their memory are copied if they are smaller than this, and else referred to.
  static constexpr std::size_t worth_sharing = 8 * 1024;

 private:
  friend class engine::open_lanes;
  // RFC 37, frames.
  static constexpr std::size_t short_header = 2;
  static constexpr std::size_t max_short = 255;
  static constexpr std::size_t long_header = 9;
  static constexpr std::byte more_flag{1};
  static constexpr std::byte long_flag{2};

  bool put_several(const message& what) noexcept;
  template <class Frame>
  bool put_all(std::span<const Frame> frames) noexcept;
  [[nodiscard]] std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  // With room for the longest, so that copies of fixed size stay inside.
  [[nodiscard]] bool takes_short(std::size_t size) const noexcept {
    return left_ != 0 && size <= max_short && room() >= short_header + max_short;
  }
  [[nodiscard]] bool takes_long(std::size_t size) const noexcept {
    return left_ != 0 && size > max_short && room() >= long_header && size <= room() - long_header;
  }
  [[nodiscard]] static std::size_t header_of(std::size_t size) noexcept {
    return size <= max_short ? short_header : long_header;
  }
  [[nodiscard]] bool fits(const std::byte* at, std::size_t size) const noexcept {
    const auto left = static_cast<std::size_t>(end_ - at);
    return left >= header_of(size) && left - header_of(size) >= size;
  }
  [[nodiscard]] bool takes_all(std::span<const std::size_t> sizes) const noexcept {
    const std::byte* at = at_;
    for (const std::size_t size : sizes) {
      if (!fits(at, size)) return false;
      at += header_of(size) + size;
    }
    return true;
  }
  // Apart, so that the short ones' code stays short.
  [[gnu::noinline]] bool put_long(std::span<const std::byte> payload) noexcept {
    if (!takes_long(payload.size())) return false;
    std::memcpy(at_ + long_header, payload.data(), payload.size());
    advance_long(payload.size());
    return true;
  }
  void advance_short(std::size_t size) noexcept { advance(put_short_header(at_, size, std::byte{0}), size); }
  void advance_long(std::size_t size) noexcept { advance(put_long_header(at_, size, std::byte{0}), size); }
  void advance(std::byte* payload, std::size_t size) noexcept {
    at_ = payload + size;
    --left_;
  }
  // Each answers where the payload goes.
  static std::byte* put_short_header(std::byte* at, std::size_t size, std::byte more) noexcept {
    at[0] = more;
    at[1] = static_cast<std::byte>(size);
    return at + short_header;
  }
  static std::byte* put_long_header(std::byte* at, std::size_t size, std::byte more) noexcept {
    const std::uint64_t in_network_order = __builtin_bswap64(size);
    at[0] = long_flag | more;
    std::memcpy(at + 1, &in_network_order, sizeof in_network_order);
    return at + long_header;
  }
  static std::byte* put_header(std::byte* at, std::size_t size, std::byte more) noexcept {
    return size <= max_short ? put_short_header(at, size, more) : put_long_header(at, size, more);
  }

  std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint32_t left_ = 0;               // messages that it still takes
  std::uint32_t opened_ = 0;             // that it took at first
  std::uint32_t closed_to_several_ = 0;  // with no more left than this, none of several frames
};

/// Decodes the whole message at `at` into `into`, which must be empty, behind a copy of `front`, if there is
/// one; answers where the message ends. Payloads that do not fit into the object refer to `owner`, or are
/// copied if it is null. Up to `readable_end` memory may be read.
const std::byte* decode_message(const std::byte* at, const std::byte* readable_end, base::buffer* owner,
                                const bytes* front, message& into);

/// Whole messages of the only peer that has any, where they lie in receive memory.
class receive_lane {
 public:
  /// Decodes the next message into `into`, which must be empty; false, with nothing done, if there is none.
  [[gnu::always_inline]] bool take(message& into) {
    if (!ready()) return false;
    take_ready(into);
    return true;
  }
  /// Only if it is ready.
  [[gnu::always_inline]] void take_ready(message& into) {
    const std::size_t size = std::to_integer<std::size_t>(at_[1]);
    if (at_[0] != plain_ || size > bytes::inline_capacity ||
        static_cast<std::size_t>(end_ - at_) < 2 + sizeof(bytes))
      return take_any(into);
    into.only_frame().set_inline(at_ + 2, size);
    into.set_peer(peer_ref::prepaid(peer_));
    at_ += 2 + size;
    --left_;
  }
  /// True if `take` would give a message.
  [[nodiscard]] bool ready() const noexcept { return left_ != 0; }

 private:
  friend class engine::open_lanes;
  void take_any(message& into);
  bool take_packed(message& into);
  bool take_reference(message& into);

  const std::byte* at_ = nullptr;
  std::byte plain_{};               // the flags of a frame that is a message by itself, if nothing is added
  const std::byte* end_ = nullptr;  // of the readable memory
  base::buffer* owner_ = nullptr;   // of that memory
  const bytes* front_ = nullptr;    // a frame to go in front of each message
  peer_ref::counted* peer_ = nullptr;  // referred to once for each message left
  std::uint32_t references_ = 0;       // to the memory, for payloads that are still to be taken
  std::uint32_t left_ = 0;
  std::uint32_t opened_ = 0;
  packed_shape shape_;  // of the last packed message
};

struct lanes {
  send_lane out;
  receive_lane in;
};

}  // namespace detail
}  // namespace monocoque

#pragma GCC visibility pop
