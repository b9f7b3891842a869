#pragma once

#include "zmtp/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::zmtp {

/// Whole messages back to back: their size in bytes and their number.
struct message_run {
  std::size_t size = 0;
  std::uint32_t count = 0;
};

/// The fast path of decoding: finds the whole messages at the front of `in`, which starts at a message
/// boundary, at most `max_messages`. Stops, without judging, at whatever is not a whole, valid message within
/// the limits: a command, a message that is cut off, a breach of the protocol. Those are left to the frame
/// decoder.
[[nodiscard]] message_run find_messages(std::span<const std::byte> in, std::uint32_t max_messages,
                                        const limits& allowed) noexcept;

}  // namespace monocoque::zmtp
