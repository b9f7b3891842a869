#pragma once

#include "pattern/vertex_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace monocoque::pattern {

/// Who is subscribed to what: a set of topics (prefixes of messages), each with the peers that want it and
/// how often each of them asked. Owned by one pattern, used under the socket's monitor; bounded by what its
/// owner adds. Peers are slots; the owner removes a slot's subscriptions before it gives the slot to somebody
/// else.
///
/// Its nodes lie in one hash table, each found by the hash of its topic. Topics mostly have few sizes: then a
/// message is looked up once for each size that there is, all at once. Else they are a trie over words of 8
/// bytes: a message is looked up once for each 8 bytes of its topic and for each length (modulo 8) of the
/// subscriptions that go on from there, whatever their number. Costs are linear in the length of the topic,
/// also for a 64 KB topic with 64 K prefixes of itself.
///
/// Measured (g++ -O2, a virtual machine on which a look into memory that no cache has takes some 200 ns),
/// match of random topics in use, 1 -> 1,000,000 subscriptions: 8 bytes 14 -> 95 ns, 20 bytes 23 -> 180.
class subscription_index {
 public:
  /// A topic that match() found. Stands for the same topic until something is added or removed.
  using topic_id = std::uint32_t;

  /// `seed` must not be 0; it keys the hash, since peers choose the topics.
  explicit subscription_index(std::uint64_t seed);

  enum class change : std::uint8_t {
    topic_added,    ///< nobody had that topic before
    peer_added,     ///< other peers had it, this one had not
    counted,        ///< this peer had it and has it still; the count went up or down
    peer_removed,   ///< this peer has it no more, others have
    topic_removed,  ///< nobody has it any more
    not_found,      ///< remove: this peer did not have it
  };
  change add(std::span<const std::byte> topic, std::uint32_t slot);
  change remove(std::span<const std::byte> topic, std::uint32_t slot);
  /// Removes the topic for that peer, however often it asked.
  change forget(std::span<const std::byte> topic, std::uint32_t slot);

  /// Removes all that the peer has, in time linear in that. `visit(topic, last)` is called for each topic,
  /// with whether nobody has it any more; it must not touch this index.
  template <class Visit>
  void remove_peer(std::uint32_t slot, Visit visit);
  void remove_peer(std::uint32_t slot);

  /// The topics that are prefixes of `message`, shortest first; valid until the next call of match().
  /// Allocates nothing unless more topics match than ever before.
  [[nodiscard]] std::span<const topic_id> match(std::span<const std::byte> message);
  /// The topic that is all of `message`, as match() answers those that are its prefixes: one, or none.
  [[nodiscard]] std::span<const topic_id> match_whole(std::span<const std::byte> message);
  /// True if any topic is a prefix of `message`. Stops at the first.
  [[nodiscard]] bool matches(std::span<const std::byte> message) const;
  /// Has the processor fetch what match() and matches() will look at, as far as that can be told from the
  /// message alone: worth its while if the index is larger than the nearer caches, and if something else is
  /// done in between.
  void prefetch(std::span<const std::byte> message) const noexcept;
  [[nodiscard]] bool is_far() const noexcept { return few_sizes_in_use_ && topics_ >= far_from; }

  /// Calls `visit(slot)` for each peer of a topic that match() gave, in ascending order.
  template <class Visit>
  void for_each_peer(topic_id topic, Visit visit) const;
  static constexpr std::uint32_t nobody = vertex_table::none;
  /// The peer of a topic that match() gave, if there is just one; else nobody.
  [[nodiscard]] std::uint32_t only_peer(topic_id topic) const noexcept {
    const std::uint32_t who = vertices_.at(topic).who;
    return (who & several) == 0 ? who : nobody;
  }
  /// Calls `visit(topic)` for each topic of that peer, newest first.
  template <class Visit>
  void for_each_topic(std::uint32_t slot, Visit visit) const;

  [[nodiscard]] bool has_topic(std::span<const std::byte> topic) const;
  [[nodiscard]] std::size_t topic_count() const noexcept { return topics_; }
  /// Pairs of topic and peer.
  [[nodiscard]] std::size_t size() const noexcept { return pairs_; }
  [[nodiscard]] bool empty() const noexcept { return pairs_ == 0; }
  /// Memory held, in bytes.
  [[nodiscard]] std::size_t footprint_bytes() const noexcept;

 private:
  static constexpr std::uint32_t none = vertex_table::none;
  /// Of a vertex' `who`: a group, not a slot.
  static constexpr std::uint32_t several = 0x8000'0000;

  /// One peer's subscription to one topic. Those of a peer are a doubly linked list.
  struct record {
    std::uint32_t vertex = none;
    std::uint32_t slot = none;
    std::uint32_t count = 0;
    std::uint32_t previous = none;
    std::uint32_t next = none;  // in the free list: the next free one
  };
  struct member {
    std::uint32_t slot = none;
    std::uint32_t record = none;
  };
  /// Up to so many sizes of topics, each is looked up: about as many as memory works on at once.
  static constexpr int few_sizes = 8;
  using vertex = vertex_table::vertex;
  using way = vertex_table::way;

  template <class Visit>
  void walk(std::span<const std::byte> message, Visit visit) const;
  template <class Visit>
  void for_each_way(std::span<const std::byte> message, Visit visit) const;
  template <class Visit>
  void walk_by_size(std::span<const std::byte> message, Visit visit) const;
  template <class Visit>
  void walk_by_word(std::span<const std::byte> message, Visit visit) const;
  [[nodiscard]] way further_by(way from, std::uint64_t word, unsigned lengths) const noexcept;
  void count_size(std::size_t size, int more);
  [[nodiscard]] std::uint32_t find_vertex(std::span<const std::byte> topic) const;
  std::uint32_t make_vertex(std::span<const std::byte> topic);
  [[nodiscard]] std::uint32_t find_record(std::uint32_t at, std::uint32_t slot) const;
  std::uint32_t make_record(std::uint32_t at, std::uint32_t slot) noexcept;
  void make_room(std::uint32_t at, std::uint32_t slot);
  void make_room_for_member(std::uint32_t at);
  void add_member(std::uint32_t at, member one) noexcept;
  void remove_member(std::uint32_t at, std::uint32_t slot) noexcept;
  change drop_record(std::uint32_t which) noexcept;
  [[nodiscard]] std::span<const std::byte> topic_of(std::uint32_t at, std::vector<std::byte>& scratch) const;
  void release_memory_if_empty() noexcept;

  std::uint64_t seed_;
  vertex_table vertices_;
  std::vector<record> records_;
  std::vector<std::vector<member>> groups_;
  std::vector<std::uint32_t> free_groups_;
  std::vector<std::uint32_t> first_record_;  // by slot
  std::uint32_t free_record_ = none;
  /// Topics that are not empty, by size, longer ones together. Bit n - 1: there are such of n bytes.
  static constexpr std::size_t longest_counted = 64;
  std::array<std::uint32_t, longest_counted> sizes_{};
  std::uint64_t sizes_in_use_ = 0;
  std::size_t longer_ = 0;
  bool few_sizes_in_use_ = true;
  /// So many topics do not stay in the nearer caches: each has 32 bytes of the table or more.
  static constexpr std::size_t far_from = 16 * 1024;
  std::size_t topics_ = 0;
  std::size_t pairs_ = 0;
  std::vector<topic_id> matched_;
  std::vector<std::byte> scratch_;
};

template <class Visit>
void subscription_index::remove_peer(std::uint32_t slot, Visit visit) {
  while (slot < first_record_.size() && first_record_[slot] != none) {
    const std::uint32_t which = first_record_[slot];
    const std::uint32_t at = records_[which].vertex;
    visit(topic_of(at, scratch_), vertices_.about(at).members == 1);
    drop_record(which);
  }
  release_memory_if_empty();
}

template <class Visit>
void subscription_index::for_each_peer(topic_id topic, Visit visit) const {
  const std::uint32_t who = vertices_.at(topic).who;
  if (who == none) return;
  if ((who & several) == 0) {
    visit(who);
  } else {
    for (const member& one : groups_[who & ~several]) visit(one.slot);
  }
}

template <class Visit>
void subscription_index::for_each_topic(std::uint32_t slot, Visit visit) const {
  if (slot >= first_record_.size()) return;
  std::vector<std::byte> scratch;
  for (std::uint32_t which = first_record_[slot]; which != none; which = records_[which].next) {
    visit(topic_of(records_[which].vertex, scratch));
  }
}

}  // namespace monocoque::pattern
