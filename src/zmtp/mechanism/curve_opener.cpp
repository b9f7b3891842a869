#include "zmtp/mechanism/curve_opener.hpp"

#include "base/wire.hpp"
#include "zmtp/mechanism/curve_frame.hpp"
#include "zmtp/octets.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

/// Nobody else looks at input that was pushed (see there).
std::byte* writable(const std::byte* data) noexcept { return const_cast<std::byte*>(data); }  // NOLINT

}  // namespace

curve_opener::curve_opener(const crypto::box_key& key, std::span<const std::byte, 16> prefix,
                           std::uint64_t last_number, const limits& allowed) noexcept
    : cipher_(key, prefix),
      last_number_(last_number),
      max_payload_(std::max<std::uint64_t>(std::min(allowed.max_frame_size, allowed.max_message_size),
                                           allowed.max_command_size)) {}

void curve_opener::push(bytes chunk) {
  if (failure_ || chunk.empty()) return;
  if (unread_bytes() == 0) {
    chunk_ = std::move(chunk);
  } else {
    chunk_ = joined(unread(), chunk.span());
  }
  offset_ = 0;
}

bytes curve_opener::next() {
  if (failure_) return {};
  if (!partial_.empty() && !is_whole_) keep_partial();
  if (is_whole_) return open_partial();
  run found{.in_message = in_message_};
  while (unread_bytes() != 0 && partial_.empty()) {
    const octets in = unread();
    const auto place = read_header(in);
    if (failure_) break;
    if (!place || in.size() < place->header + place->body) {
      if (found.begin == nullptr) keep_partial();
      break;
    }
    if (!fits(found, place->body - curve_frame::overhead)) break;
    if (!open(writable(in.data()), *place, found)) break;
    offset_ += place->header + place->body;
  }
  in_message_ = found.in_message;
  // What came in front of something wrong is as good as ever.
  bytes opened;
  if (found.begin != nullptr) {
    opened = chunk_.slice(static_cast<std::size_t>(found.begin - chunk_.data()),
                          static_cast<std::size_t>(found.end - found.begin));
  }
  if (unread_bytes() == 0 || failure_) {
    chunk_ = bytes();
    offset_ = 0;
  }
  return opened;
}

/// None: it is not whole, or wrong.
std::optional<curve_opener::frame_place> curve_opener::read_header(octets in) {
  const std::uint8_t flags = value_of(in[0]);
  const std::size_t header = (flags & wire::flag_long) != 0 ? wire::max_header_size : 2;
  if (in.size() < header) return std::nullopt;
  const std::size_t size = wire::read_header(in.data()).payload;
  if (!check_header(flags, size)) return std::nullopt;
  return frame_place{header, size};
}

bool curve_opener::check_header(std::uint8_t flags, std::uint64_t size) {
  if ((flags & ~(wire::flag_long | wire::flag_command)) != 0)
    return fail(errc::bad_frame, "flags " + hex(flags) + " of a frame that should be a CURVE MESSAGE");
  if (size < curve_frame::overhead) {
    return fail(errc::bad_command,
                "frame of " + std::to_string(size) + " bytes, too short for a CURVE MESSAGE");
  }
  if (size - curve_frame::overhead > max_payload_) {
    return fail(errc::frame_too_large, "frame of " + std::to_string(size - curve_frame::overhead) +
                                           " bytes; at most " + std::to_string(max_payload_) +
                                           " are allowed");
  }
  return true;
}

/// False if the frame had better begin a run of its own.
bool curve_opener::fits(const run& so_far, std::size_t payload) const noexcept {
  return so_far.begin == nullptr || so_far.in_message || payload < worth_leaving;
}

bool curve_opener::open(std::byte* frame, frame_place place, run& into) {
  std::byte* const body = frame + place.header;
  if (std::memcmp(body, curve_frame::name.data(), curve_frame::name.size()) != 0) {
    return fail(errc::bad_command, "a frame that is no CURVE MESSAGE, where nothing else may come");
  }
  const std::uint64_t number = wire::load_u64(body + curve_frame::number_at);
  // Those of libzmq, and all others that are known, count one by one: what is not there was taken away.
  if (number != last_number_ + 1 || number == 0) {
    return fail(errc::decryption_failed, "message number " + std::to_string(number) + " after " +
                                             std::to_string(last_number_) +
                                             ": repeated, left out or out of order");
  }
  const std::size_t payload = place.body - curve_frame::overhead;
  const std::size_t header = wire::header_size(payload);
  std::byte* const text = body + curve_frame::text_at;
  // The octet of flags comes out in front of the payload, where the header ends that is written then. The
  // canonical frame is shorter than this one, so that it fits in front of where the next begins.
  const bool stays = into.begin == nullptr && payload >= worth_leaving;
  std::byte* const start = stays ? text + 1 - header : into.begin == nullptr ? frame : into.end;
  std::array<std::byte, crypto::tag_size> tag{};
  std::memcpy(tag.data(), body + curve_frame::tag_at, tag.size());
  if (!cipher_.open(start + header - 1, text, payload + 1, number, tag.data()))
    return fail(errc::decryption_failed, "message number " + std::to_string(number) + " cannot be opened");
  last_number_ = number;
  const std::uint8_t flags = value_of(start[header - 1]);
  if ((flags & ~(curve_frame::flag_more | curve_frame::flag_command)) != 0)
    return fail(errc::bad_frame, "reserved flag bits " + hex(flags) + " in a CURVE MESSAGE");
  const bool more = (flags & curve_frame::flag_more) != 0;
  const bool command = (flags & curve_frame::flag_command) != 0;
  wire::put_header(
      start, payload,
      static_cast<std::uint8_t>((more ? wire::flag_more : 0) | (command ? wire::flag_command : 0)));
  if (into.begin == nullptr) into.begin = start;
  into.end = start + header + payload;
  if (!command) into.in_message = more;
  return true;
}

/// Takes what there is of a frame that is split.
void curve_opener::keep_partial() {
  while (left_ == 0 && unread_bytes() != 0) {
    const octets octet = unread().first(1);
    header_[partial_.size()] = octet[0];
    partial_.append(octet, UINT64_MAX);
    ++offset_;
    const auto place = read_header(octets(header_).first(partial_.size()));
    if (failure_) return;
    if (place) left_ = place->body;
  }
  const std::size_t size = std::min(left_, unread_bytes());
  if (size != 0) partial_.append(unread().first(size), left_);
  offset_ += size;
  left_ -= size;
  is_whole_ = size != 0 && left_ == 0;
  if (unread_bytes() == 0) {
    chunk_ = bytes();
    offset_ = 0;
  }
}

bytes curve_opener::open_partial() {
  is_whole_ = false;
  bytes whole = partial_.take();
  const frame_place place = *read_header(whole.span());
  run found{.in_message = in_message_};
  std::byte* const frame = writable(whole.data());
  if (!open(frame, place, found)) return {};
  in_message_ = found.in_message;
  return whole.slice(static_cast<std::size_t>(found.begin - frame),
                     static_cast<std::size_t>(found.end - found.begin));
}

std::span<std::byte> curve_opener::direct_room() {
  if (failure_ || unread_bytes() != 0 || left_ < min_direct_size || partial_.size() < min_direct_size)
    return {};
  return partial_.room(left_);
}

void curve_opener::direct_filled(std::size_t size) {
  size = std::min(size, left_);
  if (size == 0) return;
  partial_.commit(size);
  left_ -= size;
  is_whole_ = left_ == 0;
}

void curve_opener::discard() noexcept {
  if (!failure_) failure_ = errc::closed;
  chunk_ = bytes();
  offset_ = 0;
  partial_.reset();
  left_ = 0;
  is_whole_ = false;
}

bool curve_opener::fail(errc code, std::string detail) {
  failure_ = error(code).with_detail(std::move(detail));
  return false;
}

}  // namespace monocoque::zmtp
