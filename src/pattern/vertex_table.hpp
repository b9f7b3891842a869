#pragma once

#include "pattern/seed.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace monocoque::pattern {

/// The nodes of the subscription index, lying in an open-addressing hash table that is keyed by the edge
/// which leads to them, so that going down one edge touches one cache line, however many nodes there are.
/// Nodes move within the table; their ids do not change. At most 2/3 full; shrinks when less than 1/8 full.
/// Owned by one index. Id 0 is the root; it is always there.
class vertex_table {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;
  static constexpr std::uint32_t root = 0;

  struct alignas(32) vertex {
    std::uint64_t word = 0;          // what the edge says: the first `length` bytes as in memory, the rest 0
    std::uint32_t parent = none;     // id
    std::uint32_t id = none;         // none: a free cell
    std::uint8_t length = 0;         // 1 to 8
    std::uint8_t child_lengths = 0;  // bit n - 1: a child of n bytes is there, or was while others are there
    std::uint32_t members = 0;       // how many peers have the topic that ends here; 0: it is no topic
    std::uint32_t first = none;      // of one member: its slot; of several: their group
    std::uint32_t record = none;     // of one member
  };
  static_assert(sizeof(vertex) == 32);

  /// `key_one` and `key_two` are unknown to whoever chooses the words.
  vertex_table(std::uint64_t key_one, std::uint64_t key_two);

  /// Where the child is: a position, to be used before the next change; none if there is no such child.
  [[nodiscard]] std::uint32_t find(std::uint32_t parent, std::uint64_t word,
                                   std::uint8_t length) const noexcept {
    for (std::uint32_t at = home(parent, word, length);; at = (at + 1) & mask_) {
      const vertex& candidate = cells_[at];
      if (candidate.word == word && candidate.parent == parent && candidate.length == length) return at;
      if (candidate.id == none) return none;
    }
  }
  /// Has the processor fetch what find() will look at.
  void prefetch(std::uint32_t parent, std::uint64_t word, std::uint8_t length) const noexcept {
    __builtin_prefetch(&cells_[home(parent, word, length)]);
  }

  [[nodiscard]] const vertex& at(std::uint32_t position) const noexcept { return cells_[position]; }
  [[nodiscard]] std::uint32_t position_of(std::uint32_t id) const noexcept { return nodes_[id].position; }
  /// Valid until the next make or prune, as all references are.
  [[nodiscard]] vertex& by_id(std::uint32_t id) noexcept { return cells_[nodes_[id].position]; }
  [[nodiscard]] const vertex& by_id(std::uint32_t id) const noexcept { return cells_[nodes_[id].position]; }

  /// Makes a child that is not there yet; returns its id.
  std::uint32_t make(std::uint32_t parent, std::uint64_t word, std::uint8_t length);
  /// Takes out the node and then its ancestors as far as they have neither members nor children.
  void prune(std::uint32_t id);

  [[nodiscard]] std::size_t footprint_bytes() const noexcept {
    return cells_.capacity() * sizeof(vertex) + nodes_.capacity() * sizeof(node);
  }

 private:
  struct node {
    std::uint32_t position = none;  // of a free id: the next free one
    std::uint32_t children = 0;
  };

  [[nodiscard]] std::uint32_t home(std::uint32_t parent, std::uint64_t word,
                                   std::uint8_t length) const noexcept {
    const std::uint64_t place = (std::uint64_t{parent} << 8 | length) * 0x9e37'79b9'7f4a'7c15;
    return static_cast<std::uint32_t>(multiply_fold(word ^ key_one_, place ^ key_two_)) & mask_;
  }
  void resize(std::size_t cells);
  void put(const vertex& one);
  void erase(std::uint32_t hole);

  std::uint64_t key_one_, key_two_;
  std::uint32_t mask_ = 0;
  std::uint32_t free_id_ = none;
  std::size_t used_ = 0;
  std::vector<vertex> cells_;  // a power of two of them, and the root behind them
  std::vector<node> nodes_;    // by id
};

}  // namespace monocoque::pattern
