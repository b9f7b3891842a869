#pragma once

#include "base/wire.hpp"

#include <monocoque/frame_view.hpp>
#include <monocoque/message.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace monocoque::engine {

[[nodiscard]] inline bool has_several(const message& what) noexcept { return what.has_several(); }
[[nodiscard]] inline bool has_several(std::span<const std::byte>) noexcept { return false; }
[[nodiscard]] inline bool has_several(std::span<const frame_view> frames) noexcept {
  return frames.size() > 1;
}

/// Some messages of a run, of one frame each, back to back.
struct single_run {
  std::size_t offset;
  std::size_t size;
  std::uint32_t count;
};

/// Calls `visit(single_run)` for each stretch of messages of one frame in a run of whole messages in
/// canonical form; answers how many messages of several frames lie between them.
template <class Visit>
std::uint64_t for_each_single_run(std::span<const std::byte> run, Visit visit) {
  std::uint64_t passed_over = 0;
  single_run part{0, 0, 0};
  std::span<const std::byte> rest = run;
  while (!rest.empty()) {
    const std::size_t before = rest.size();
    bool several = false;
    while (base::wire::next_frame(rest).more) several = true;
    if (!several) {
      part.size += before - rest.size();
      ++part.count;
      continue;
    }
    if (part.count != 0) visit(part);
    part = {run.size() - rest.size(), 0, 0};
    ++passed_over;
  }
  if (part.count != 0) visit(part);
  return passed_over;
}

}  // namespace monocoque::engine
