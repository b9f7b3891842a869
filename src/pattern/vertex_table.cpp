#include "pattern/vertex_table.hpp"

#include <new>
#include <utility>

namespace monocoque::pattern {

namespace {
constexpr std::size_t smallest = 16;
}

vertex_table::vertex_table(std::uint64_t key_one, std::uint64_t key_two)
    : key_one_(key_one), key_two_(key_two), nodes_(1) {
  cells_.resize(1);
  cells_[0].id = root;
  resize(smallest);
}

std::uint32_t vertex_table::make(std::uint32_t parent, std::uint64_t word, std::uint8_t length, way led_by) {
  if (const std::size_t cells = std::size_t{mask_} + 1; (used_ + 1) * 2 > cells) resize(cells * 2);
  std::uint32_t id = free_id_;
  if (id != none) {
    free_id_ = nodes_[id].position;
  } else {
    id = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  }
  nodes_[id] = {.parent = parent, .size = nodes_[parent].size + length, .word = word};
  put({.tag = static_cast<std::uint64_t>(led_by), .id = id});
  ++used_;
  ++nodes_[parent].children;
  by_id(parent).tag |= std::uint64_t{1} << (length - 1);
  return id;
}

void vertex_table::prune(std::uint32_t id) noexcept {
  while (id != root && nodes_[id].members == 0 && nodes_[id].children == 0) {
    const std::uint32_t parent = nodes_[id].parent;
    erase(nodes_[id].position);
    nodes_[id] = {.position = free_id_};
    free_id_ = id;
    if (--nodes_[parent].children == 0) by_id(parent).tag &= ~other;
    id = parent;
  }
  if (const std::size_t cells = std::size_t{mask_} + 1; cells > smallest && used_ * 8 < cells) {
    try {
      resize(cells / 2);
    } catch (const std::bad_alloc&) {
      return;  // the next time, then
    }
  }
}

void vertex_table::erase(std::uint32_t hole) noexcept {
  // What was pushed past the hole moves back, so that no search ends too early and no tombstones are left.
  for (std::uint32_t at = (hole + 1) & mask_; cells_[at].id != none; at = (at + 1) & mask_) {
    const vertex& one = cells_[at];
    const std::uint32_t wanted = home(way{one.tag & ~other});
    if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
    cells_[hole] = one;
    nodes_[one.id].position = hole;
    hole = at;
  }
  cells_[hole] = {};
  --used_;
}

void vertex_table::resize(std::size_t cells) {
  decltype(cells_) bigger(cells + 1);
  bigger.back() = cells_.back();
  const auto old = std::exchange(cells_, std::move(bigger));
  mask_ = static_cast<std::uint32_t>(cells - 1);
  nodes_[root].position = static_cast<std::uint32_t>(cells);
  for (std::size_t i = 0; i + 1 < old.size(); ++i) {
    if (old[i].id != none) put(old[i]);
  }
}

void vertex_table::put(const vertex& one) noexcept {
  std::uint32_t at = home(way{one.tag & ~other});
  while (cells_[at].id != none) at = (at + 1) & mask_;
  cells_[at] = one;
  nodes_[one.id].position = at;
}

}  // namespace monocoque::pattern
