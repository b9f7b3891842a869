#include "pattern/subscription_index.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace monocoque::pattern {

namespace {

constexpr std::size_t word_bytes = 8;
constexpr std::uint32_t root = vertex_table::root;

/// The first bytes of `in` as a word, the rest of it zero.
std::uint64_t load_word(std::span<const std::byte> in) noexcept {
  std::uint64_t word = 0;
  if (in.size() >= word_bytes) {
    std::memcpy(&word, in.data(), word_bytes);
    return word;
  }
  // Byte by byte, but quicker than a memcpy whose size is not known.
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
  const vertex* at = &vertices_.by_id(root);
  if (at->members != 0 && !visit(vertices_.position_of(root))) return;
  for (;; message = message.subspan(word_bytes)) {
    const std::size_t usable = std::min(message.size(), word_bytes);
    const unsigned lengths = at->child_lengths & ((1U << usable) - 1);
    if (lengths == 0) return;
    const std::uint64_t word = load_word(message);
    // With several lengths the look-ups do not depend on each other: let memory work on all of them at once.
    for (unsigned rest = lengths & (lengths - 1); rest != 0; rest &= rest - 1) {
      const auto length = static_cast<unsigned>(std::countr_zero(rest)) + 1;
      vertices_.prefetch(at->id, cut_word(word, length), static_cast<std::uint8_t>(length));
    }
    std::uint32_t found = none;
    for (unsigned rest = lengths; rest != 0; rest &= rest - 1) {
      const auto length = static_cast<unsigned>(std::countr_zero(rest)) + 1;
      found = vertices_.find(at->id, cut_word(word, length), static_cast<std::uint8_t>(length));
      if (found != none && vertices_.at(found).members != 0 && !visit(found)) return;
    }
    // Only after a whole word can it go on; that is the longest length, so it was looked up last.
    if (found == none || vertices_.at(found).length != word_bytes) return;
    at = &vertices_.at(found);
  }
}

std::span<const subscription_index::topic_id> subscription_index::match(std::span<const std::byte> message) {
  matched_.clear();
  walk(message, [this](std::uint32_t topic) {
    matched_.push_back(topic);
    return true;
  });
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
  if (const std::uint32_t known = find_record(vertices_.by_id(at), slot); known != none) {
    ++records_[known].count;
    return change::counted;
  }
  add_member(vertices_.by_id(at), {slot, make_record(at, slot)});
  ++pairs_;
  if (vertices_.by_id(at).members > 1) return change::peer_added;
  ++topics_;
  return change::topic_added;
}

subscription_index::change subscription_index::remove(std::span<const std::byte> topic, std::uint32_t slot) {
  const std::uint32_t at = find_vertex(topic);
  const std::uint32_t which = at == none ? none : find_record(vertices_.by_id(at), slot);
  if (which == none) return change::not_found;
  if (--records_[which].count != 0) return change::counted;
  return drop_record(which);
}

subscription_index::change subscription_index::forget(std::span<const std::byte> topic, std::uint32_t slot) {
  const std::uint32_t at = find_vertex(topic);
  const std::uint32_t which = at == none ? none : find_record(vertices_.by_id(at), slot);
  return which == none ? change::not_found : drop_record(which);
}

void subscription_index::remove_peer(std::uint32_t slot) {
  while (slot < first_record_.size() && first_record_[slot] != none) drop_record(first_record_[slot]);
  release_memory_if_empty();
}

bool subscription_index::has_topic(std::span<const std::byte> topic) const {
  const std::uint32_t at = find_vertex(topic);
  return at != none && vertices_.by_id(at).members != 0;
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
  std::uint32_t at = root;
  while (!topic.empty()) {
    const std::size_t length = std::min(topic.size(), word_bytes);
    const std::uint32_t child = vertices_.find(at, load_word(topic), static_cast<std::uint8_t>(length));
    if (child == none) return none;
    at = vertices_.at(child).id;
    topic = topic.subspan(length);
  }
  return at;
}

std::uint32_t subscription_index::make_vertex(std::span<const std::byte> topic) {
  std::uint32_t at = root;
  while (!topic.empty()) {
    const auto length = static_cast<std::uint8_t>(std::min(topic.size(), word_bytes));
    const std::uint64_t word = load_word(topic);
    const std::uint32_t child = vertices_.find(at, word, length);
    at = child != none ? vertices_.at(child).id : vertices_.make(at, word, length);
    topic = topic.subspan(length);
  }
  return at;
}

std::span<const std::byte> subscription_index::topic_of(std::uint32_t at,
                                                        std::vector<std::byte>& scratch) const {
  std::size_t size = 0;
  for (std::uint32_t up = at; up != root; up = vertices_.by_id(up).parent) size += vertices_.by_id(up).length;
  if (scratch.size() < size) scratch.resize(size);
  std::size_t end = size;
  while (at != root) {
    const vertex& node = vertices_.by_id(at);
    end -= node.length;
    std::memcpy(scratch.data() + end, &node.word, node.length);
    at = node.parent;
  }
  return std::span<const std::byte>(scratch).first(size);
}

// -- who is subscribed

std::uint32_t subscription_index::find_record(const vertex& of, std::uint32_t slot) const {
  if (of.members == 0) return none;
  if (of.members == 1) return of.first == slot ? of.record : none;
  const std::vector<member>& group = groups_[of.first];
  const auto found = std::ranges::lower_bound(group, slot, {}, &member::slot);
  return found != group.end() && found->slot == slot ? found->record : none;
}

std::uint32_t subscription_index::make_record(std::uint32_t at, std::uint32_t slot) {
  if (slot >= first_record_.size()) first_record_.resize(std::size_t{slot} + 1, none);
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

void subscription_index::add_member(vertex& to, member one) {
  if (++to.members == 1) {
    to.first = one.slot;
    to.record = one.record;
    return;
  }
  if (to.members == 2) {
    if (free_groups_.empty()) {
      free_groups_.push_back(static_cast<std::uint32_t>(groups_.size()));
      groups_.emplace_back();
    }
    const member alone{to.first, to.record};
    to.first = free_groups_.back();
    free_groups_.pop_back();
    groups_[to.first].push_back(alone);
  }
  std::vector<member>& group = groups_[to.first];
  group.insert(std::ranges::upper_bound(group, one.slot, {}, &member::slot), one);
}

void subscription_index::remove_member(vertex& from, std::uint32_t slot) {
  if (--from.members == 0) return;
  const std::uint32_t which = from.first;
  std::vector<member>& group = groups_[which];
  group.erase(std::ranges::lower_bound(group, slot, {}, &member::slot));
  if (from.members > 1) return;
  from.first = group.front().slot;
  from.record = group.front().record;
  std::vector<member>().swap(group);
  free_groups_.push_back(which);
}

subscription_index::change subscription_index::drop_record(std::uint32_t which) {
  const record gone = records_[which];
  if (gone.next != none) records_[gone.next].previous = gone.previous;
  (gone.previous != none ? records_[gone.previous].next : first_record_[gone.slot]) = gone.next;
  records_[which] = record{.next = free_record_};
  free_record_ = which;

  remove_member(vertices_.by_id(gone.vertex), gone.slot);
  --pairs_;
  if (vertices_.by_id(gone.vertex).members != 0) return change::peer_removed;
  --topics_;
  vertices_.prune(gone.vertex);
  return change::topic_removed;
}

/// A peer with a million subscriptions has gone and nobody else is left: keep nothing of its size.
void subscription_index::release_memory_if_empty() {
  if (pairs_ != 0) return;
  std::uint64_t seed = seed_;
  vertices_ = vertex_table(next_random(seed), next_random(seed));
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
