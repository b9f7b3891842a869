#include "pattern/subscription_index.hpp"

#include "base/make_room.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace monocoque::pattern {

namespace {

constexpr std::size_t word_bytes = 8;
constexpr std::size_t half_word = 4;
constexpr unsigned whole_word = 0x80;  // the bit of that length
constexpr std::uint32_t root = vertex_table::root;

/// The first bytes of `in` as a word, the rest of it zero.
std::uint64_t load_word(std::span<const std::byte> in) noexcept {
  std::uint64_t word = 0;
  if (in.size() >= word_bytes) {
    std::memcpy(&word, in.data(), word_bytes);
    return word;
  }
  // Without a detour over memory, which would wait until all that was looked up before has come.
  if (std::endian::native == std::endian::little && in.size() >= half_word) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;  // may overlap the first
    std::memcpy(&first, in.data(), half_word);
    std::memcpy(&last, in.data() + in.size() - half_word, half_word);
    return first | std::uint64_t{last} << (8 * (in.size() - half_word));
  }
  std::byte parts[word_bytes] = {};
  for (std::size_t i = 0; i < in.size(); ++i) parts[i] = in[i];
  std::memcpy(&word, parts, word_bytes);
  return word;
}

/// The first `length` bytes of a word as they lie in memory, the others zero. `length` is 1 to 8.
constexpr std::uint64_t cut_word(std::uint64_t word, unsigned length) noexcept {
  const unsigned others = 8 * (static_cast<unsigned>(word_bytes) - length);
  if constexpr (std::endian::native == std::endian::little) return word & (~std::uint64_t{0} >> others);
  return word & (~std::uint64_t{0} << others);
}

}  // namespace

subscription_index::subscription_index(std::uint64_t seed)
    : seed_(seed), vertices_(next_random(seed), next_random(seed)) {}

/// Calls `visit(topic)` for each topic that is a prefix of `message` until it returns false.
template <class Visit>
void subscription_index::walk(std::span<const std::byte> message, Visit visit) const {
  if (vertices_.by_id(root).is_topic() && !visit(vertices_.position_of(root))) return;
  if (few_sizes_in_use_) {
    walk_by_size(message, visit);
  } else {
    walk_by_word(message, visit);
  }
}

/// Calls `visit(way)` for the ways to all nodes that can be topics of this message, at most few_sizes.
template <class Visit>
[[gnu::always_inline]] inline void subscription_index::for_each_way(std::span<const std::byte> message,
                                                                    Visit visit) const {
  std::size_t start = 0;
  way led_by = vertices_.start();
  for (std::uint64_t rest = sizes_in_use_; rest != 0; rest &= rest - 1) {
    const auto size = static_cast<std::size_t>(std::countr_zero(rest)) + 1;
    if (size > message.size()) break;
    for (; size - start > word_bytes; start += word_bytes)
      led_by = vertices_.further(led_by, load_word(message.subspan(start)), word_bytes);
    const auto length = static_cast<std::uint8_t>(size - start);
    visit(vertices_.further(led_by, cut_word(load_word(message.subspan(start)), length), length));
  }
}

// Not by a function that also answers the ways: a compiler that sees them unused leaves the call out, as to
// it fetching ahead is no effect.
void subscription_index::prefetch(std::span<const std::byte> message) const noexcept {
  for_each_way(message, [this](way one) { vertices_.prefetch(one); });
}

template <class Visit>
void subscription_index::walk_by_size(std::span<const std::byte> message, Visit visit) const {
  std::array<way, few_sizes> ways;  // NOLINT: filled as far as it is used
  std::size_t count = 0;
  for_each_way(message, [&](way one) {
    ways[count++] = one;
    vertices_.prefetch(one);
  });
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t found = vertices_.find(ways[i]);
    if (found != none && vertices_.at(found).is_topic() && !visit(found)) return;
  }
}

template <class Visit>
void subscription_index::walk_by_word(std::span<const std::byte> message, Visit visit) const {
  const vertex* at = &vertices_.by_id(root);
  way led_by = vertices_.start();
  for (;; message = message.subspan(word_bytes)) {
    const std::size_t usable = std::min(message.size(), word_bytes);
    const unsigned lengths = at->child_lengths() & ((1U << usable) - 1);
    if (lengths == 0) return;
    const std::uint64_t word = load_word(message);
    // With several lengths the look-ups do not depend on each other: let memory work on all of them at once.
    for (unsigned rest = lengths & (lengths - 1); rest != 0; rest &= rest - 1)
      vertices_.prefetch(further_by(led_by, word, rest));
    std::uint32_t found = none;
    way further = led_by;
    for (unsigned rest = lengths; rest != 0; rest &= rest - 1) {
      further = further_by(led_by, word, rest);
      found = vertices_.find(further);
      if (found != none && vertices_.at(found).is_topic() && !visit(found)) return;
    }
    // Only after a whole word can it go on; that is the longest length, so it was looked up last.
    if (found == none || lengths < whole_word) return;
    at = &vertices_.at(found);
    led_by = further;
  }
}

/// The way by the shortest edge of `lengths`.
subscription_index::way subscription_index::further_by(way from, std::uint64_t word,
                                                       unsigned lengths) const noexcept {
  const auto length = static_cast<std::uint8_t>(std::countr_zero(lengths) + 1);
  return vertices_.further(from, cut_word(word, length), length);
}

std::span<const subscription_index::topic_id> subscription_index::match(std::span<const std::byte> message) {
  matched_.clear();
  walk(message, [this](std::uint32_t topic) {
    matched_.push_back(topic);
    return true;
  });
  return matched_;
}

std::span<const subscription_index::topic_id> subscription_index::match_whole(
    std::span<const std::byte> message) {
  matched_.clear();
  const std::uint32_t found = find_vertex(message);
  if (found != none && vertices_.by_id(found).is_topic()) matched_.push_back(vertices_.position_of(found));
  return matched_;
}

bool subscription_index::matches(std::span<const std::byte> message) const {
  bool any = false;
  walk(message, [&any](std::uint32_t) {
    any = true;
    return false;
  });
  return any;
}

subscription_index::change subscription_index::add(std::span<const std::byte> topic, std::uint32_t slot) {
  const std::uint32_t at = make_vertex(topic);
  if (const std::uint32_t known = find_record(at, slot); known != none) {
    ++records_[known].count;
    return change::counted;
  }
  try {
    make_room(at, slot);
  } catch (...) {
    vertices_.prune(at);
    throw;
  }
  add_member(at, {slot, make_record(at, slot)});
  ++pairs_;
  if (vertices_.about(at).members > 1) return change::peer_added;
  ++topics_;
  count_size(topic.size(), 1);
  return change::topic_added;
}

subscription_index::change subscription_index::remove(std::span<const std::byte> topic, std::uint32_t slot) {
  const std::uint32_t at = find_vertex(topic);
  const std::uint32_t which = at == none ? none : find_record(at, slot);
  if (which == none) return change::not_found;
  if (--records_[which].count != 0) return change::counted;
  return drop_record(which);
}

subscription_index::change subscription_index::forget(std::span<const std::byte> topic, std::uint32_t slot) {
  const std::uint32_t at = find_vertex(topic);
  const std::uint32_t which = at == none ? none : find_record(at, slot);
  return which == none ? change::not_found : drop_record(which);
}

void subscription_index::remove_peer(std::uint32_t slot) {
  while (slot < first_record_.size() && first_record_[slot] != none) drop_record(first_record_[slot]);
  release_memory_if_empty();
}

bool subscription_index::has_topic(std::span<const std::byte> topic) const {
  const std::uint32_t at = find_vertex(topic);
  return at != none && vertices_.about(at).members != 0;
}

std::size_t subscription_index::footprint_bytes() const noexcept {
  std::size_t total = vertices_.footprint_bytes() + records_.capacity() * sizeof(record) +
                      groups_.capacity() * sizeof(groups_[0]) +
                      (free_groups_.capacity() + first_record_.capacity() + matched_.capacity()) * 4 +
                      scratch_.capacity();
  for (const auto& group : groups_) total += group.capacity() * sizeof(member);
  return total;
}

// -- nodes

std::uint32_t subscription_index::find_vertex(std::span<const std::byte> topic) const {
  way led_by = vertices_.start();
  std::uint32_t at = vertices_.position_of(root);
  while (!topic.empty() && at != none) {
    const std::size_t length = std::min(topic.size(), word_bytes);
    led_by = vertices_.further(led_by, load_word(topic), static_cast<std::uint8_t>(length));
    at = vertices_.find(led_by);
    topic = topic.subspan(length);
  }
  return at == none ? none : vertices_.at(at).id;
}

std::uint32_t subscription_index::make_vertex(std::span<const std::byte> topic) {
  std::uint32_t at = root;
  way led_by = vertices_.start();
  while (!topic.empty()) {
    const auto length = static_cast<std::uint8_t>(std::min(topic.size(), word_bytes));
    const std::uint64_t word = load_word(topic);
    led_by = vertices_.further(led_by, word, length);
    const std::uint32_t child = vertices_.find(led_by);
    try {
      at = child != none ? vertices_.at(child).id : vertices_.make(at, word, length, led_by);
    } catch (...) {
      vertices_.prune(at);
      throw;
    }
    topic = topic.subspan(length);
  }
  return at;
}

std::span<const std::byte> subscription_index::topic_of(std::uint32_t at,
                                                        std::vector<std::byte>& scratch) const {
  const std::size_t size = vertices_.about(at).size;
  if (scratch.size() < size) scratch.resize(size);
  while (at != root) {
    const vertex_table::node& node = vertices_.about(at);
    const std::uint32_t start = vertices_.about(node.parent).size;
    std::memcpy(scratch.data() + start, &node.word, node.size - start);
    at = node.parent;
  }
  return std::span<const std::byte>(scratch).first(size);
}

/// A topic of that size is there that was not (`more` is 1), or the other way round (-1).
void subscription_index::count_size(std::size_t size, int more) {
  if (size == 0) return;
  if (size > longest_counted) {
    longer_ += static_cast<std::size_t>(more);
  } else {
    sizes_[size - 1] += static_cast<std::uint32_t>(more);
    const std::uint64_t bit = std::uint64_t{1} << (size - 1);
    sizes_in_use_ = sizes_[size - 1] != 0 ? sizes_in_use_ | bit : sizes_in_use_ & ~bit;
  }
  few_sizes_in_use_ = longer_ == 0 && std::popcount(sizes_in_use_) <= few_sizes;
}

// -- who is subscribed

std::uint32_t subscription_index::find_record(std::uint32_t at, std::uint32_t slot) const {
  const vertex_table::node& node = vertices_.about(at);
  if (node.members == 0) return none;
  const std::uint32_t who = vertices_.by_id(at).who;
  if (node.members == 1) return who == slot ? node.record : none;
  const std::vector<member>& group = groups_[who & ~several];
  const auto found = std::ranges::lower_bound(group, slot, {}, &member::slot);
  return found != group.end() && found->slot == slot ? found->record : none;
}

/// For one more subscription; all that may fail.
void subscription_index::make_room(std::uint32_t at, std::uint32_t slot) {
  if (slot >= first_record_.size()) first_record_.resize(std::size_t{slot} + 1, none);
  if (free_record_ == none) base::make_room_for_one(records_);
  make_room_for_member(at);
}

void subscription_index::make_room_for_member(std::uint32_t at) {
  const std::uint32_t members = vertices_.about(at).members;
  if (members == 0) return;
  if (members > 1) return base::make_room_for_one(groups_[vertices_.by_id(at).who & ~several]);
  if (free_groups_.empty()) {
    base::make_room_for_one(groups_);
    free_groups_.reserve(groups_.capacity());  // so that to give one back cannot fail
    free_groups_.push_back(static_cast<std::uint32_t>(groups_.size()));
    groups_.emplace_back();
  }
  groups_[free_groups_.back()].reserve(2);
}

std::uint32_t subscription_index::make_record(std::uint32_t at, std::uint32_t slot) noexcept {
  std::uint32_t made = free_record_;
  if (made != none) {
    free_record_ = records_[made].next;
  } else {
    made = static_cast<std::uint32_t>(records_.size());
    records_.emplace_back();
  }
  const std::uint32_t second = first_record_[slot];
  records_[made] = record{at, slot, 1, none, second};
  if (second != none) records_[second].previous = made;
  first_record_[slot] = made;
  return made;
}

void subscription_index::add_member(std::uint32_t at, member one) noexcept {
  vertex_table::node& node = vertices_.about(at);
  std::uint32_t& who = vertices_.by_id(at).who;
  if (++node.members == 1) {
    who = one.slot;
    node.record = one.record;
    return;
  }
  if (node.members == 2) {
    const member alone{who, node.record};
    groups_[free_groups_.back()].push_back(alone);
    who = free_groups_.back() | several;
    free_groups_.pop_back();
  }
  std::vector<member>& group = groups_[who & ~several];
  group.insert(std::ranges::upper_bound(group, one.slot, {}, &member::slot), one);
}

void subscription_index::remove_member(std::uint32_t at, std::uint32_t slot) noexcept {
  vertex_table::node& node = vertices_.about(at);
  std::uint32_t& who = vertices_.by_id(at).who;
  if (--node.members == 0) {
    who = none;
    return;
  }
  const std::uint32_t which = who & ~several;
  std::vector<member>& group = groups_[which];
  group.erase(std::ranges::lower_bound(group, slot, {}, &member::slot));
  if (node.members > 1) return;
  who = group.front().slot;
  node.record = group.front().record;
  std::vector<member>().swap(group);
  free_groups_.push_back(which);
}

subscription_index::change subscription_index::drop_record(std::uint32_t which) noexcept {
  const record gone = records_[which];
  if (gone.next != none) records_[gone.next].previous = gone.previous;
  (gone.previous != none ? records_[gone.previous].next : first_record_[gone.slot]) = gone.next;
  records_[which] = record{.next = free_record_};
  free_record_ = which;

  remove_member(gone.vertex, gone.slot);
  --pairs_;
  if (vertices_.about(gone.vertex).members != 0) return change::peer_removed;
  --topics_;
  count_size(vertices_.about(gone.vertex).size, -1);
  vertices_.prune(gone.vertex);
  return change::topic_removed;
}

/// A peer with a million subscriptions has gone and nobody else is left: keep nothing of its size.
void subscription_index::release_memory_if_empty() noexcept {
  if (pairs_ != 0) return;
  std::uint64_t seed = seed_;
  try {
    vertices_ = vertex_table(next_random(seed), next_random(seed));
  } catch (const std::bad_alloc&) {
    return;  // which would take some first
  }
  // Swapped, not assigned: that gives the memory back.
  std::vector<record>().swap(records_);
  std::vector<std::vector<member>>().swap(groups_);
  std::vector<std::uint32_t>().swap(free_groups_);
  std::vector<std::uint32_t>().swap(first_record_);
  std::vector<topic_id>().swap(matched_);
  std::vector<std::byte>().swap(scratch_);
  free_record_ = none;
}

}  // namespace monocoque::pattern
