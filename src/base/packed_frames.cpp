#include <monocoque/detail/packed_frames.hpp>

#include "base/wire.hpp"

namespace monocoque::detail {

bool packed_shape::learn(const std::byte* const at) noexcept {
  namespace wire = base::wire;
  packed_layout layout = packed_layout::of_none();
  std::array<std::uint16_t, packed_layout::max_frames> heads{};
  std::size_t size = 0;
  bool more = true;
  while (more) {
    const std::byte* const head = at + size;
    if (layout.count() == packed_layout::max_frames || size + packed_layout::header > bytes::inline_capacity)
      return false;
    const auto flags = std::to_integer<std::uint8_t>(head[0]);
    if ((flags & ~wire::flag_more) != 0) return false;
    heads[layout.count()] = load(head);
    layout = layout.with(size + packed_layout::header);
    size += packed_layout::header + std::to_integer<std::size_t>(head[1]);
    if (size > bytes::inline_capacity) return false;
    more = flags != 0;
  }
  layout_ = layout;
  frames_ = layout.count();
  heads_ = heads;
  size_ = size;
  return true;
}

}  // namespace monocoque::detail
