#include "zmtp/frame_scan.hpp"

#include "base/wire.hpp"

#include <algorithm>
#include <cstring>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

std::uint16_t load_head(const std::byte* at) noexcept {
  std::uint16_t head = 0;
  std::memcpy(&head, at, sizeof head);
  return head;
}

/// Size of the message at `at` if it is whole, valid and within the limits; otherwise 0.
std::size_t whole_message(const std::byte* const start, const std::byte* const end,
                          const limits& allowed) noexcept {
  const std::byte* at = start;
  std::uint64_t payload = 0;
  for (std::size_t frames = 1; frames <= allowed.max_frames; ++frames) {
    auto left = static_cast<std::uint64_t>(end - at);
    if (left < 2) return 0;
    const auto flags = std::to_integer<std::uint8_t>(at[0]);
    if ((flags & ~(wire::flag_more | wire::flag_long)) != 0) return 0;
    std::uint64_t size = std::to_integer<std::uint64_t>(at[1]);
    std::uint64_t header = 2;
    if ((flags & wire::flag_long) != 0) {
      header = wire::max_header_size;
      if (left < header) return 0;
      size = wire::load_u64(at + 1);
    }
    left -= header;
    if (size > left || size > allowed.max_frame_size) return 0;
    payload += size;
    if (payload > allowed.max_message_size) return 0;
    at += header + size;
    if ((flags & wire::flag_more) == 0) return static_cast<std::size_t>(at - start);
  }
  return 0;
}

}  // namespace

message_run find_messages(std::span<const std::byte> in, std::uint32_t max_messages,
                          const limits& allowed) noexcept {
  if (in.empty() || allowed.max_frames == 0) return {};
  const std::byte* const begin = in.data();
  const std::byte* const end = begin + in.size();
  const std::byte* at = begin;
  const auto short_limit = static_cast<std::size_t>(
      std::min({std::uint64_t{wire::max_short_payload}, allowed.max_frame_size, allowed.max_message_size}));
  std::uint32_t count = 0;
  while (count < max_messages && end - at >= 2) {
    if (at[0] != std::byte{0}) {
      const std::size_t size = whole_message(at, end, allowed);
      if (size == 0) break;
      at += size;
      ++count;
      continue;
    }
    const auto payload = std::to_integer<std::size_t>(at[1]);
    const auto stride = static_cast<std::ptrdiff_t>(payload + 2);
    if (payload > short_limit || stride > end - at) break;
    // Traffic is often of one size. Comparing each header with the last one, instead of adding up lengths
    // that have to be loaded first, lets the processor run ahead over many frames at once.
    const std::uint16_t head = load_head(at);
    do {
      at += stride;
      ++count;
    } while (count < max_messages && end - at >= stride && load_head(at) == head);
  }
  return {static_cast<std::size_t>(at - begin), count};
}

}  // namespace monocoque::zmtp
