#pragma once

#include "zmtp/foreign_reader.hpp"
#include "zmtp/frame_form.hpp"

#include <cstdint>
#include <memory>

/// The byte stream of a peer that speaks no ZMTP at all (STREAM). Each piece of it becomes a message of one
/// frame on the way in, and loses its header on the way out, so that nothing else has to know.
namespace monocoque::zmtp {

/// A piece is at most so large, as in libzmq: its programs have buffers of that size.
inline constexpr std::size_t largest_piece = 8192;

/// Makes messages of `largest_piece` bytes or fewer, and never more than `max_message_size` (1 at the least).
[[nodiscard]] std::unique_ptr<foreign_reader> make_raw_reader(std::uint64_t max_message_size);
/// The form of what is sent: payloads alone.
[[nodiscard]] std::unique_ptr<frame_form> make_raw_form();

}  // namespace monocoque::zmtp
