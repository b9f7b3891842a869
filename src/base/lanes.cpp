#include <monocoque/detail/lanes.hpp>

#include "base/buffer.hpp"
#include "base/short_frame.hpp"
#include "base/wire.hpp"

namespace monocoque::detail {

namespace wire = base::wire;

namespace {

// Large ones that share their memory are referred to rather than copied.
bool is_for_lanes(const bytes& frame) noexcept { return frame.size() < send_lane::worth_sharing; }
bool is_for_lanes(const frame_view&) noexcept { return true; }

template <class Frame>
std::byte* put_long_frame(std::byte* out, const Frame& frame, std::uint8_t flags) noexcept {
  const std::size_t header = wire::put_header(out, frame.size(), flags);
  std::memcpy(out + header, frame.data(), frame.size());
  return out + header + frame.size();
}

}  // namespace

template <class Frame>
bool send_lane::put_all(std::span<const Frame> frames) noexcept {
  static_assert(short_header + max_short == base::short_frame_room);
  if (left_ <= closed_to_several_ || frames.empty()) return false;
  std::byte* at = at_;
  std::byte* last = at;
  for (const Frame& frame : frames) {
    const auto room_left = static_cast<std::size_t>(end_ - at);
    last = at;
    if (frame.size() <= max_short) {
      if (room_left < base::short_frame_room) return false;
      at = base::put_short_frame(at, frame, wire::flag_more);
    } else {
      if (!is_for_lanes(frame) || room_left < long_header || room_left - long_header < frame.size())
        return false;
      at = put_long_frame(at, frame, wire::flag_more);
    }
  }
  *last &= ~std::byte{wire::flag_more};
  at_ = at;
  --left_;
  return true;
}

/// Packed frames are on the wire what they are in the message.
bool send_lane::put_several(const message& what) noexcept {
  const std::span<const std::byte> run = what.packed();
  if (run.empty()) return put(what.frames());
  if (left_ <= closed_to_several_ || room() < sizeof(bytes)) return false;
  copy_fixed<sizeof(bytes)>(at_, run.data());
  at_ += run.size();
  --left_;
  return true;
}

bool send_lane::put(std::span<const bytes> frames) noexcept { return put_all(frames); }
bool send_lane::put(std::span<const frame_view> frames) noexcept { return put_all(frames); }

namespace {

struct header {
  std::size_t size;
  std::size_t payload_size;
  bool more;
};

header read_header(const std::byte* at) noexcept {
  const auto flags = std::to_integer<std::uint8_t>(at[0]);
  const bool more = (flags & wire::flag_more) != 0;
  if ((flags & wire::flag_long) == 0) return {2, std::to_integer<std::size_t>(at[1]), more};
  return {wire::max_header_size, static_cast<std::size_t>(wire::load_u64(at + 1)), more};
}

/// Decodes into `frames` as many frames from `at` on as are short and fit inline; `at` is then behind them.
/// True if the last of them ends the message.
bool decode_small_frames(const std::byte*& at, frame_block& frames) noexcept {
  const std::byte* next = at;
  std::byte more{wire::flag_more};
  for (std::size_t room = frames.room_behind(); room > 0 && more != std::byte{0}; --room) {
    const std::size_t size = std::to_integer<std::size_t>(next[1]);
    if ((next[0] | std::byte{wire::flag_more}) != std::byte{wire::flag_more} || size > bytes::inline_capacity)
      break;
    more = next[0];
    // No more than the payload is copied: several frames are mostly shorter than the object, and their ends
    // can be read back at once, which they cannot where they lie across two moves.
    const std::byte* const payload = next + 2;
    frames.add_behind().assign(nullptr, payload, size, payload);
    next = payload + size;
  }
  at = next;
  return more == std::byte{0};
}

/// So much is read of a message, and copied if it can be packed.
bool may_be_packed(const std::byte* at, const std::byte* readable_end) noexcept {
  return static_cast<std::size_t>(readable_end - at) >= sizeof(bytes);
}

}  // namespace

const std::byte* decode_message(const std::byte* at, const std::byte* readable_end, base::buffer* owner,
                                const bytes* front, message& into) {
  header next = read_header(at);
  if (front == nullptr && !next.more) {
    into.only_frame().assign(owner, at + next.size, next.payload_size, readable_end);
    return at + next.size + next.payload_size;
  }
  if (packed_shape shape; front == nullptr && may_be_packed(at, readable_end) && shape.learn(at)) {
    into.set_packed(at, shape);
    return at + shape.size();
  }
  frame_block* frames = &into.begin_several();
  if (front != nullptr) frames->add_behind(bytes(*front));
  while (!decode_small_frames(at, *frames)) {
    if (!frames->has_room_behind()) frames = &into.enlarge_several();
    next = read_header(at);
    frames->add_behind().assign(owner, at + next.size, next.payload_size, readable_end);
    at += next.size + next.payload_size;
    if (!next.more) break;
  }
  return at;
}

/// For a message of one frame; false, with nothing done, if it fits inline or more is to be done. References
/// to the memory are taken for all that the lane still has, at once.
[[gnu::noinline]] bool receive_lane::take_reference(message& into) {
  if (front_ != nullptr || owner_ == nullptr) return false;
  const header next = read_header(at_);
  if (next.payload_size <= bytes::inline_capacity) return false;
  if (references_ == 0) {
    owner_->retain(left_);
    references_ = left_;
  }
  --references_;
  into.only_frame().set_taken(*owner_, at_ + next.size, next.payload_size);
  at_ += next.size + next.payload_size;
  return true;
}

/// For a message of several frames; false, with nothing done, if it is not to be packed.
inline bool receive_lane::take_packed(message& into) {
  if (front_ != nullptr || !may_be_packed(at_, end_)) return false;
  if (!shape_.fits(at_) && !shape_.learn(at_)) return false;
  into.set_packed(at_, shape_);
  at_ += shape_.size();
  return true;
}

void receive_lane::take_any(message& into) {
  const bool several = (at_[0] & std::byte{wire::flag_more}) != std::byte{0};
  if (!(several ? take_packed(into) : take_reference(into)))
    at_ = decode_message(at_, end_, owner_, front_, into);
  into.set_peer(peer_ref::prepaid(peer_));
  --left_;
}

}  // namespace monocoque::detail
