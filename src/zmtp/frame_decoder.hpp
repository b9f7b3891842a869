#pragma once

#include "zmtp/frame_scan.hpp"
#include "zmtp/growing_buffer.hpp"
#include "zmtp/limits.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace monocoque::zmtp {

/// Whole messages in canonical form, back to back.
struct message_batch {
  bytes data;
  std::uint32_t count = 0;
};
/// The body of one command frame.
struct command_frame {
  bytes body;
};
/// What the decoder found next. std::monostate: it needs more input (or more room for messages).
using decoded = std::variant<std::monostate, message_batch, command_frame, error>;

/// Which frames may come now, and up to which size.
struct frame_rules {
  limits allowed;
  bool messages_allowed = true;
  bool commands_allowed = true;
  std::size_t max_command_size = 0;                 ///< instead of the one in `allowed`
  errc command_over_limit = errc::frame_too_large;  ///< what a larger command is
  bool commands_are_secret = false;                 ///< what was read of them is overwritten, see wipe_read
};

/// Cuts a stream of frames (RFC 37, section "Framing") into whole messages and commands.
///
/// Fast path: runs of whole messages inside one chunk come out as one slice of it, without a copy. Slow path:
/// what is split between chunks is put together in memory of its own, which grows with what has arrived. A
/// command between the frames of a message (libzmq sends its PING there) is taken out of the message.
///
/// Owned by one connection and used from its thread. Holds one chunk, one partial message and one partial
/// command, all within the limits of its rules.
class frame_decoder {
 public:
  explicit frame_decoder(const frame_rules& rules) { set_rules(rules); }

  /// New rules for the frames that have not been looked at yet. Only between two frames.
  void set_rules(const frame_rules& rules) {
    rules_ = rules;
    if (rules.commands_are_secret) command_.hold_secrets();
  }

  /// The next input. Should come when `next` has answered std::monostate; otherwise what is left is copied.
  void push(bytes chunk);
  /// The next batch, at most `max_messages` messages, command or error, in wire order. After an error:
  /// nothing.
  [[nodiscard]] decoded next(std::uint32_t max_messages);
  /// The same if that is a run of whole messages, where they lie; else, with nothing done, one of none.
  [[nodiscard]] message_batch next_run(std::uint32_t max_messages);

  /// The input that was not looked at yet, which is then no more here. Only between two frames.
  [[nodiscard]] bytes take_unread();

  /// Overwrites what was looked at of the input, which nobody else may look at.
  void wipe_read() noexcept;

  /// Memory inside a large frame under way, to read into instead of a chunk; empty if there is none. Never
  /// reaches past the end of the frame.
  [[nodiscard]] std::span<std::byte> direct_room();
  void direct_filled(std::size_t size);

  /// Forgets everything and gives its memory back; nothing more comes out.
  void discard() noexcept;

  /// True if there is nothing to be found without more input.
  [[nodiscard]] bool drained() const noexcept { return unread_bytes() == 0 && !message_whole_; }
  /// True if that is so and no chunk is held either.
  [[nodiscard]] bool at_rest() const noexcept { return chunk_.empty() && !message_whole_; }
  /// Input that was pushed and has not been looked at yet.
  [[nodiscard]] std::size_t unread_bytes() const noexcept { return chunk_.size() - offset_; }
  /// Bytes held for a message or command that is not complete.
  [[nodiscard]] std::size_t partial_bytes() const noexcept {
    return message_.size() + command_.size() + header_fill_;
  }
  /// True while a message or a frame is cut off.
  [[nodiscard]] bool in_message() const noexcept { return !at_boundary() || frames_ != 0; }

 private:
  [[nodiscard]] std::span<const std::byte> unread() const noexcept { return chunk_.span().subspan(offset_); }
  [[nodiscard]] bool at_boundary() const noexcept { return header_fill_ == 0 && !in_payload_; }
  [[nodiscard]] bool is_command() const noexcept;
  [[nodiscard]] bool more_follows() const noexcept;

  decoded step();
  decoded read_header();
  decoded read_payload();
  decoded read_command(std::size_t size);
  decoded finish_frame();
  decoded fail(errc code, std::string detail);
  decoded check_flags();
  decoded check_size();
  [[nodiscard]] std::string too_large(std::string_view what, std::uint64_t limit) const;

  frame_rules rules_;
  bytes chunk_;
  std::size_t offset_ = 0;

  // The frame under way on the slow path.
  std::array<std::byte, 9> header_{};
  std::size_t header_fill_ = 0;
  bool in_payload_ = false;
  std::uint64_t frame_left_ = 0;

  // The message it belongs to.
  growing_buffer message_;
  std::size_t frames_ = 0;
  std::uint64_t message_payload_ = 0;
  bool message_whole_ = false;

  growing_buffer command_;
  bool failed_ = false;
};

}  // namespace monocoque::zmtp
