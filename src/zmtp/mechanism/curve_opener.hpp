#pragma once

#include "crypto/message_cipher.hpp"
#include "zmtp/growing_buffer.hpp"
#include "zmtp/limits.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace monocoque::zmtp {

/// Turns what a CURVE peer sends after the handshake into canonical form, where it lies: frames are opened in
/// the memory that they were read into, and small ones moved together there, so that a run of them is a run
/// of messages for the frame decoder. Only frames that are split between two chunks are copied, into memory
/// that grows with what has come.
///
/// Owned by one connection. Holds one chunk and one frame that has not come whole, within the limits.
class curve_opener {
 public:
  curve_opener(const crypto::box_key& key, std::span<const std::byte, 16> prefix, std::uint64_t last_number,
               const limits& allowed) noexcept;

  /// The next input, which nobody else may look at: it is overwritten. Should come when `next` has answered
  /// nothing; otherwise what is left is copied.
  void push(bytes chunk);
  /// The next frames in canonical form; none without more input, or after a failure.
  [[nodiscard]] bytes next();
  /// Why nothing more can be opened.
  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }

  /// Memory inside a large frame under way, to read into instead of a chunk; empty if there is none.
  [[nodiscard]] std::span<std::byte> direct_room();
  void direct_filled(std::size_t size);

  /// Input that was not looked at yet.
  [[nodiscard]] std::size_t unread_bytes() const noexcept { return chunk_.size() - offset_; }
  /// Bytes held of a frame that is not whole.
  [[nodiscard]] std::size_t partial_bytes() const noexcept { return partial_.size(); }
  /// True if `next` has nothing without more input, and nothing is wrong either.
  [[nodiscard]] bool at_rest() const noexcept { return unread_bytes() == 0 && !is_whole_ && !failure_; }
  /// Forgets everything and gives its memory back; nothing more comes out.
  void discard() noexcept;

 private:
  /// Payloads from this size on stay where they are, though a run of messages ends there.
  static constexpr std::size_t worth_leaving = 4 * 1024;

  struct frame_place {
    std::size_t header = 0;  // bytes
    std::size_t body = 0;    // bytes
  };
  /// Frames in canonical form, back to back.
  struct run {
    std::byte* begin = nullptr;
    std::byte* end = nullptr;
    bool in_message = false;  // the last one has MORE
  };

  [[nodiscard]] std::span<const std::byte> unread() const noexcept { return chunk_.span().subspan(offset_); }
  [[nodiscard]] std::optional<frame_place> read_header(std::span<const std::byte> in);
  [[nodiscard]] bool check_header(std::uint8_t flags, std::uint64_t size);
  [[nodiscard]] bool fits(const run& so_far, std::size_t payload) const noexcept;
  [[nodiscard]] bool open(std::byte* frame, frame_place place, run& into);
  void keep_partial();
  [[nodiscard]] bytes open_partial();
  bool fail(errc code, std::string detail);

  crypto::message_cipher cipher_;
  std::uint64_t last_number_;
  std::uint64_t max_payload_;
  bytes chunk_;
  std::size_t offset_ = 0;
  bool in_message_ = false;  // the frame that came last has MORE

  // A frame that is split.
  growing_buffer partial_;
  std::array<std::byte, 9> header_{};  // its header, as far as it has come
  std::size_t left_ = 0;               // what is to come; 0: not known, or nothing
  bool is_whole_ = false;

  std::optional<error> failure_;
};

}  // namespace monocoque::zmtp
