#pragma once

#include "base/huge_pages.hpp"
#include "pattern/seed.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace monocoque::pattern {

/// The nodes of the subscription index, lying in an open-addressing hash table that is keyed by the way which
/// leads to them from the root. So where a node lies can be told from the topic alone, without looking at
/// those above it, and looking at it touches one cache line, however many nodes there are. A large table is
/// put on huge pages, for otherwise each look would miss the processor's table of pages too.
///
/// A way is a hash of 64 bits with a secret key, 55 of which stand for the topic itself, with the place where
/// the node lies: that two topics are taken for one is as likely as guessing a number of 55 bits, for each
/// that lies in the same place.
///
/// Nodes move within the table; their ids do not change. At most half full; shrinks when less than 1/8 full.
/// Owned by one index. Id 0 is the root; it is always there.
class vertex_table {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;
  static constexpr std::uint32_t root = 0;

  /// The hash of all edges from the root to a node.
  enum class way : std::uint64_t {};

  /// What matching looks at.
  struct alignas(16) vertex {
    std::uint64_t tag = 0;     // the way, but for its last octet, which is `child_lengths`
    std::uint32_t id = none;   // none: a free cell
    std::uint32_t who = none;  // who has the topic that ends here; none: it is no topic

    /// Bit n - 1: a child of n bytes is there, or was while others are there.
    [[nodiscard]] unsigned child_lengths() const noexcept { return tag & other; }
    [[nodiscard]] bool is_topic() const noexcept { return who != none; }
  };
  static_assert(sizeof(vertex) == 16);

  /// What else is known of a node.
  struct node {
    std::uint32_t position = none;  // of its cell; of a free id: the next free one
    std::uint32_t children = 0;
    std::uint32_t parent = none;  // id
    std::uint32_t size = 0;       // of the whole topic
    std::uint64_t word = 0;       // what the last edge says: bytes as in memory, the rest 0
    std::uint32_t members = 0;    // how many peers have the topic that ends here
    std::uint32_t record = none;  // of one member
  };

  /// `key_one` and `key_two` are unknown to whoever chooses the words.
  vertex_table(std::uint64_t key_one, std::uint64_t key_two);

  [[nodiscard]] way start() const noexcept { return way{key_two_}; }
  /// One edge further: `word` cut to `length` bytes.
  [[nodiscard]] way further(way from, std::uint64_t word, std::uint8_t length) const noexcept {
    const std::uint64_t place = static_cast<std::uint64_t>(from) + length * 0x9e37'79b9'7f4a'7c15;
    return way{(multiply_fold(word ^ key_one_, place) & ~other) | never_free};
  }

  /// Where that node is: a position, to be used before the next change; none if there is no such node.
  [[nodiscard]] std::uint32_t find(way led_by) const noexcept {
    for (std::uint32_t at = home(led_by);; at = (at + line) & mask_) {
      // Which of a cache line's it is cannot be foreseen, so there is no branch for each.
      unsigned hits = 0;
      for (unsigned i = 0; i < line; ++i)
        hits |= static_cast<unsigned>((cells_[at + i].tag ^ static_cast<std::uint64_t>(led_by)) <= other)
                << i;
      if (hits != 0) return at + static_cast<std::uint32_t>(std::countr_zero(hits));
      for (unsigned i = 0; i < line; ++i) {
        if (cells_[at + i].id == none) return none;
      }
    }
  }
  /// Has the processor fetch what find() will look at.
  void prefetch(way led_by) const noexcept { __builtin_prefetch(&cells_[home(led_by)]); }
  [[nodiscard]] const vertex& at(std::uint32_t position) const noexcept { return cells_[position]; }
  [[nodiscard]] std::uint32_t position_of(std::uint32_t id) const noexcept { return nodes_[id].position; }
  /// Valid until the next make or prune, as all references are.
  [[nodiscard]] vertex& by_id(std::uint32_t id) noexcept { return cells_[nodes_[id].position]; }
  [[nodiscard]] const vertex& by_id(std::uint32_t id) const noexcept { return cells_[nodes_[id].position]; }

  [[nodiscard]] node& about(std::uint32_t id) noexcept { return nodes_[id]; }
  [[nodiscard]] const node& about(std::uint32_t id) const noexcept { return nodes_[id]; }

  /// Makes a child that is not there yet; returns its id. Throws std::bad_alloc, with nothing done.
  std::uint32_t make(std::uint32_t parent, std::uint64_t word, std::uint8_t length, way led_by);
  /// Takes out the node and then its ancestors as far as they have neither members nor children.
  void prune(std::uint32_t id) noexcept;

  [[nodiscard]] std::size_t footprint_bytes() const noexcept {
    return cells_.capacity() * sizeof(vertex) + nodes_.capacity() * sizeof(node);
  }

 private:
  static constexpr std::uint32_t line = 4;            // cells of a cache line
  static constexpr std::uint64_t other = 0xff;        // of a tag: not of the way
  static constexpr std::uint64_t never_free = 0x100;  // so that no way is like the tag of a free cell

  [[nodiscard]] std::uint32_t home(way led_by) const noexcept {
    // Its upper bits are the better mixed ones.
    const std::uint64_t mixed = static_cast<std::uint64_t>(led_by) * 0x9e37'79b9'7f4a'7c15;
    return static_cast<std::uint32_t>(mixed >> 32) & mask_ & ~(line - 1);
  }
  void resize(std::size_t cells);
  void put(const vertex& one) noexcept;
  void erase(std::uint32_t hole) noexcept;

  std::uint64_t key_one_, key_two_;
  std::uint32_t mask_ = 0;
  std::uint32_t free_id_ = none;
  std::size_t used_ = 0;
  std::vector<vertex, base::huge_page_allocator<vertex>>
      cells_;                // a power of two of them, and the root behind them
  std::vector<node> nodes_;  // by id
};

}  // namespace monocoque::pattern
