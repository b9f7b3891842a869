#include "zmtp/frame_scan.hpp"

#include "base/wire.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

std::uint16_t load_head(const std::byte* at) noexcept {
  std::uint16_t head = 0;
  std::memcpy(&head, at, sizeof head);
  return head;
}

/// That of a long frame, as it lies in memory.
std::uint64_t load_length(const std::byte* header) noexcept {
  std::uint64_t length = 0;
  std::memcpy(&length, header + 1, sizeof length);
  return length;
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

/// Where the headers of a message of a few short frames are, and what they say: the next messages are often
/// made alike.
class shape {
 public:
  /// Learns that of the whole, valid message at `start`; false if it is not of such a kind.
  bool learn(const std::byte* const start) noexcept {
    frames_ = size_ = 0;
    bool more = true;
    while (more) {
      const std::byte* const at = start + size_;
      const auto flags = std::to_integer<std::uint8_t>(at[0]);
      if (frames_ == max_frames || (flags & wire::flag_long) != 0) return false;
      heads_[frames_] = load_head(at);
      offsets_[frames_++] = static_cast<std::uint16_t>(size_);
      size_ += 2 + std::to_integer<std::size_t>(at[1]);
      more = (flags & wire::flag_more) != 0;
    }
    return true;
  }
  /// How many messages of this shape lie at `at`, `most` at most.
  [[nodiscard]] std::uint32_t count_alike(const std::byte* at, const std::byte* end,
                                          std::uint32_t most) const noexcept {
    switch (frames_) {  // the usual numbers are worth code of their own
      case 2: return count_alike(at, end, most, std::make_index_sequence<2>());
      case 3: return count_alike(at, end, most, std::make_index_sequence<3>());
      default: break;
    }
    std::uint32_t count = 0;
    for (; count < most && end - at >= size() && fits(at); at += size()) ++count;
    return count;
  }
  [[nodiscard]] std::ptrdiff_t size() const noexcept { return static_cast<std::ptrdiff_t>(size_); }

 private:
  template <std::size_t... Frame>
  [[nodiscard]] std::uint32_t count_alike(const std::byte* at, const std::byte* end, std::uint32_t most,
                                          std::index_sequence<Frame...> /*all*/) const noexcept {
    const shape alike = *this;  // which nothing else refers to
    std::uint32_t count = 0;
    // Not until the first difference: most often there is none, and none of these loads has to wait.
    for (; count < most && end - at >= alike.size() && (... | alike.difference(at, Frame)) == 0;
         at += alike.size())
      ++count;
    return count;
  }
  [[nodiscard]] bool fits(const std::byte* start) const noexcept {
    unsigned differences = 0;
    for (std::size_t i = 0; i < frames_; ++i) differences |= difference(start, i);
    return differences == 0;
  }
  [[nodiscard]] unsigned difference(const std::byte* start, std::size_t frame) const noexcept {
    return static_cast<unsigned>(load_head(start + offsets_[frame]) ^ heads_[frame]);
  }

  static constexpr std::size_t max_frames = 8;
  std::size_t frames_ = 0;
  std::size_t size_ = 0;
  std::array<std::uint16_t, max_frames> heads_;    // NOLINT: filled as far as they are used
  std::array<std::uint16_t, max_frames> offsets_;  // NOLINT
};

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
      const std::byte* const first = at;
      if (at[0] == std::byte{wire::flag_long}) {
        // The next ones' headers are compared, too, for the same reason as below.
        const std::uint64_t length = load_length(at);
        const auto stride = static_cast<std::ptrdiff_t>(size);
        do {
          at += stride;
          ++count;
        } while (count < max_messages && end - at >= stride && at[0] == std::byte{wire::flag_long} &&
                 load_length(at) == length);
        continue;
      }
      at += size;
      ++count;
      const auto another = static_cast<std::ptrdiff_t>(size);
      if (shape alike; count < max_messages && end - at >= another && alike.learn(first)) {
        const std::uint32_t found = alike.count_alike(at, end, max_messages - count);
        count += found;
        at += alike.size() * static_cast<std::ptrdiff_t>(found);
      }
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
