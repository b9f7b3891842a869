#include "zmtp/frame_decoder.hpp"

#include "base/wire.hpp"
#include "crypto/secret.hpp"
#include "zmtp/octets.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace monocoque::zmtp {

namespace wire = base::wire;

void frame_decoder::push(bytes chunk) {
  if (failed_ || chunk.empty()) return;
  if (unread_bytes() == 0) {
    chunk_ = std::move(chunk);
  } else {
    chunk_ = joined(unread(), chunk.span());
  }
  offset_ = 0;
}

decoded frame_decoder::next(std::uint32_t max_messages) {
  while (!failed_) {
    if (message_whole_) {
      if (max_messages == 0) return {};
      message_whole_ = false;
      return message_batch{message_.take(), 1};
    }
    if (message_batch run = next_run(max_messages); run.count != 0) return run;
    if (unread_bytes() == 0) {
      chunk_ = bytes();
      offset_ = 0;
      return {};
    }
    const bool starts_message = at_boundary() && frames_ == 0 && rules_.messages_allowed &&
                                (value_of(chunk_[offset_]) & wire::flag_command) == 0;
    if (max_messages == 0 && starts_message) return {};
    decoded found = step();
    if (found.index() != 0) return found;
  }
  return {};
}

message_batch frame_decoder::next_run(std::uint32_t max_messages) {
  if (failed_ || message_whole_ || !at_boundary() || frames_ != 0 || !rules_.messages_allowed) return {};
  const message_run run = find_messages(unread(), max_messages, rules_.allowed);
  if (run.count == 0) return {};
  if (run.size == chunk_.size()) return {std::exchange(chunk_, bytes()), run.count};
  message_batch batch{chunk_.slice(offset_, run.size), run.count};
  offset_ += run.size;
  return batch;
}

bytes frame_decoder::take_unread() {
  bytes unread = chunk_.slice(offset_);
  chunk_ = bytes();
  offset_ = 0;
  return unread;
}

void frame_decoder::wipe_read() noexcept {
  crypto::wipe(const_cast<std::byte*>(chunk_.data()), offset_);  // NOLINT: it is ours, see there
}

decoded frame_decoder::step() { return in_payload_ ? read_payload() : read_header(); }

bool frame_decoder::is_command() const noexcept { return (value_of(header_[0]) & wire::flag_command) != 0; }
bool frame_decoder::more_follows() const noexcept { return (value_of(header_[0]) & wire::flag_more) != 0; }

decoded frame_decoder::read_header() {
  if (header_fill_ == 0) {
    header_[header_fill_++] = chunk_[offset_++];
    if (decoded wrong = check_flags(); wrong.index() != 0) return wrong;
  }
  const bool is_long = (value_of(header_[0]) & wire::flag_long) != 0;
  const std::size_t header_size = is_long ? wire::max_header_size : 2;
  const std::size_t size = std::min(header_size - header_fill_, unread_bytes());
  std::memcpy(header_.data() + header_fill_, chunk_.data() + offset_, size);
  header_fill_ += size;
  offset_ += size;
  if (header_fill_ < header_size) return {};

  frame_left_ = is_long ? wire::load_u64(header_.data() + 1) : value_of(header_[1]);
  if (decoded wrong = check_size(); wrong.index() != 0) return wrong;
  header_fill_ = 0;
  in_payload_ = true;
  if (!is_command()) {
    ++frames_;
    message_payload_ += frame_left_;
    const std::uint64_t expected = more_follows() ? UINT64_MAX : header_size + frame_left_;
    message_.append(std::span(header_).first(header_size), expected);
  }
  return frame_left_ == 0 ? finish_frame() : decoded();
}

decoded frame_decoder::check_flags() {
  const std::uint8_t flags = value_of(header_[0]);
  constexpr unsigned known = wire::flag_more | wire::flag_long | wire::flag_command;
  if ((flags & ~known) != 0) {
    const auto reserved = static_cast<std::uint8_t>(flags & ~known);
    return fail(errc::bad_frame, "reserved flag bits " + hex(reserved) + " in frame header");
  }
  if (is_command() && !rules_.commands_allowed) {
    return fail(errc::bad_frame, "command frame from a peer that speaks ZMTP 2.0 or 1.0");
  }
  if (is_command() && more_follows()) return fail(errc::bad_frame, "command frame with the MORE flag");
  if (!is_command() && !rules_.messages_allowed) {
    return fail(errc::bad_frame, "message frame before the handshake is done");
  }
  return {};
}

decoded frame_decoder::check_size() {
  if (frame_left_ > static_cast<std::uint64_t>(INT64_MAX)) {
    return fail(errc::frame_too_large,
                "frame of " + std::to_string(frame_left_) + " bytes; no frame may have 2^63 or more");
  }
  if (is_command()) {
    if (frame_left_ <= rules_.max_command_size) return {};
    return fail(rules_.command_over_limit, too_large("command", rules_.max_command_size));
  }
  const limits& allowed = rules_.allowed;
  if (frame_left_ > allowed.max_frame_size) {
    return fail(errc::frame_too_large, too_large("frame", allowed.max_frame_size));
  }
  // message_payload_ never exceeds the limit, so the subtraction does not wrap.
  if (frame_left_ > allowed.max_message_size - message_payload_) {
    return fail(errc::message_over_limit,
                "message of more than " + std::to_string(allowed.max_message_size) + " bytes, the limit");
  }
  if (frames_ >= allowed.max_frames) {
    return fail(errc::message_over_limit,
                "message of more than " + std::to_string(allowed.max_frames) + " frames, the limit");
  }
  return {};
}

std::string frame_decoder::too_large(std::string_view what, std::uint64_t limit) const {
  return std::string(what) + " of " + std::to_string(frame_left_) + " bytes; at most " +
         std::to_string(limit) + " are allowed";
}

decoded frame_decoder::read_payload() {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(frame_left_, unread_bytes()));
  if (is_command()) return read_command(size);
  message_.append(unread().first(size), more_follows() ? UINT64_MAX : frame_left_);
  offset_ += size;
  frame_left_ -= size;
  return frame_left_ == 0 ? finish_frame() : decoded();
}

decoded frame_decoder::read_command(std::size_t size) {
  if (command_.empty() && size == frame_left_) {
    command_frame whole{chunk_.slice(offset_, size)};
    offset_ += size;
    in_payload_ = false;
    return whole;
  }
  command_.append(unread().first(size), frame_left_);
  offset_ += size;
  if (rules_.commands_are_secret) wipe_read();
  frame_left_ -= size;
  return frame_left_ == 0 ? finish_frame() : decoded();
}

decoded frame_decoder::finish_frame() {
  in_payload_ = false;
  if (is_command()) return command_frame{command_.take()};
  if (more_follows()) return {};
  frames_ = 0;
  message_payload_ = 0;
  message_whole_ = true;
  return {};
}

decoded frame_decoder::fail(errc code, std::string detail) {
  discard();
  return error(code).with_detail(std::move(detail));
}

void frame_decoder::discard() noexcept {
  failed_ = true;
  message_whole_ = false;
  in_payload_ = false;
  header_fill_ = 0;
  frames_ = 0;
  chunk_ = bytes();
  offset_ = 0;
  message_.reset();
  command_.reset();
}

std::span<std::byte> frame_decoder::direct_room() {
  const bool large = in_payload_ && !is_command() && frame_left_ >= min_direct_size;
  if (failed_ || !large || unread_bytes() != 0 || message_.size() < min_direct_size) return {};
  return message_.room(frame_left_);
}

void frame_decoder::direct_filled(std::size_t size) {
  if (failed_ || !in_payload_ || is_command()) return;
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, frame_left_));
  message_.commit(size);
  frame_left_ -= size;
  if (frame_left_ == 0) (void)finish_frame();
}

}  // namespace monocoque::zmtp
