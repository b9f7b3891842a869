#include "pattern/routing_table.hpp"

#include "pattern/seed.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace monocoque::pattern {

namespace {

std::uint64_t load_up_to_8(std::span<const std::byte> in) noexcept {
  std::uint64_t word = 0;
  if (!in.empty()) std::memcpy(&word, in.data(), std::min<std::size_t>(in.size(), 8));
  return word;
}

}  // namespace

std::size_t routing_table::hash::operator()(std::span<const std::byte> id) const noexcept {
  // Peers choose their ids, so the hash is keyed: they cannot pile up in one bucket.
  std::uint64_t state = multiply_fold(seed ^ id.size(), 0x9e37'79b9'7f4a'7c15);
  for (; !id.empty(); id = id.subspan(std::min<std::size_t>(id.size(), 8))) {
    state = multiply_fold(state ^ load_up_to_8(id), seed | 1);
  }
  return static_cast<std::size_t>(state);
}

bool routing_table::same::operator()(std::span<const std::byte> left,
                                     std::span<const std::byte> right) const noexcept {
  return std::ranges::equal(left, right);
}

routing_table::routing_table(std::uint64_t seed)
    : next_generated_(static_cast<std::uint32_t>(next_random(seed))),
      peers_(8, hash{next_random(seed)}, same{}) {}

bytes routing_table::unused_id() {
  std::array<std::byte, 5> id{};
  // A peer may have announced what would come next. There are fewer peers than numbers, so this ends.
  do {
    const std::uint32_t number = next_generated_++;
    for (std::size_t i = 0; i < 4; ++i) id[1 + i] = static_cast<std::byte>(number >> (24 - 8 * i));
  } while (peers_.contains(std::span<const std::byte>(id)));
  return bytes::copy(id);
}

routing_table::outcome routing_table::attach(peer_id peer, const bytes& id, bool hand_over) {
  if (!peer.valid()) return {};
  if (const bytes* known = ids_.find(peer)) return {true, {}, known};
  if (const auto older = ids_.tenant(peer.slot)) detach(*older);

  outcome result;
  bytes chosen = id.empty() ? unused_id() : id;
  ids_.make_room(peer.slot);
  const auto known = peers_.find(chosen);
  if (known == peers_.end()) {
    peers_.emplace(chosen, peer);
  } else {
    if (!hand_over) return {};
    bytes substitute = unused_id();
    result.displaced = known->second;
    known->second = peer;
    try {
      peers_.emplace(substitute, result.displaced);
    } catch (...) {
      known->second = result.displaced;
      throw;
    }
    *ids_.find(result.displaced) = std::move(substitute);
  }
  result.id = &ids_.insert(peer, std::move(chosen));
  result.attached = true;
  return result;
}

void routing_table::detach(peer_id peer) {
  const bytes* id = ids_.find(peer);
  if (id == nullptr) return;
  peers_.erase(*id);
  ids_.erase(peer);
}

peer_id routing_table::find(std::span<const std::byte> id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? peer_id{} : found->second;
}

}  // namespace monocoque::pattern
