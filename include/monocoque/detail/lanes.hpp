#pragma once

#include <monocoque/bytes.hpp>
#include <monocoque/detail/copy_short.hpp>
#include <monocoque/detail/peer_ref.hpp>
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
    if (!takes(payload.size())) return false;
    copy_short(at_ + header_size, payload.data(), payload.size());
    advance(payload.size());
    return true;
  }
  bool put(const bytes& payload) noexcept {
    if (!payload.is_inline()) return put(payload.span());
    if (!takes(payload.size())) return false;
    // A copy of fixed size is the faster one.
    copy_fixed<sizeof(bytes)>(at_ + header_size, reinterpret_cast<const std::byte*>(&payload));
    advance(payload.size());
    return true;
  }
  bool put(const message& what) noexcept { return what.size() == 1 && put(what.front()); }

 private:
  friend class engine::open_lanes;
  static constexpr std::size_t header_size = 2;
  static constexpr std::size_t max_payload = 255;  // what a short header can tell (RFC 37, frames)

  [[nodiscard]] bool takes(std::size_t size) const noexcept {
    return left_ != 0 && size <= max_payload &&
           static_cast<std::size_t>(end_ - at_) >= header_size + max_payload;
  }
  void advance(std::size_t size) noexcept {
    at_[0] = std::byte{0};
    at_[1] = static_cast<std::byte>(size);
    at_ += header_size + size;
    --left_;
  }

  std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint32_t left_ = 0;    // messages that it still takes
  std::uint32_t opened_ = 0;  // that it took at first
};

/// Whole messages of the only peer that has any, where they lie in receive memory.
class receive_lane {
 public:
  /// Decodes the next message into `into`, which must be empty; false, with nothing done, if it is not of one
  /// frame that fits into the object.
  bool take(message& into) noexcept {
    if (!ready()) return false;
    const std::size_t size = std::to_integer<std::size_t>(at_[1]);
    into.first_frame().assign(nullptr, at_ + 2, size, end_);
    into.set_peer(peer_ref::prepaid(peer_));
    at_ += 2 + size;
    --left_;
    return true;
  }
  /// True if `take` would give a message.
  [[nodiscard]] bool ready() const noexcept { return left_ != 0 && fits(at_); }
  /// True if the message that begins there is one for a lane.
  [[nodiscard]] static bool fits(const std::byte* message) noexcept {
    return message[0] == std::byte{0} && std::to_integer<std::size_t>(message[1]) <= bytes::inline_capacity;
  }

 private:
  friend class engine::open_lanes;

  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;     // of the readable memory
  peer_ref::counted* peer_ = nullptr;  // referred to once for each message left
  std::uint32_t left_ = 0;
  std::uint32_t opened_ = 0;
};

struct lanes {
  send_lane out;
  receive_lane in;
};

}  // namespace detail
}  // namespace monocoque

#pragma GCC visibility pop
