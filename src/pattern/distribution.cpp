#include "pattern/distribution.hpp"

#include "base/make_room.hpp"

namespace monocoque::pattern {

void distribution::attach(peer_id peer) {
  if (!peer.valid() || attached(peer)) return;
  if (const auto older = rows_.tenant(peer.slot)) detach(*older);
  base::make_room_for_one(all_);
  selected_.reserve(all_.capacity());
  full_.reserve(all_.capacity());
  rows_.insert(peer, {static_cast<std::uint32_t>(all_.size()), 0, false});
  all_.push_back(peer);
}

void distribution::detach(peer_id peer) {
  const row* entry = rows_.find(peer);
  if (entry == nullptr) return;
  const peer_id last = all_.back();
  all_[entry->position] = last;
  rows_.find(last)->position = entry->position;
  all_.pop_back();
  rows_.erase(peer);
}

bool distribution::set_writable(peer_id peer, bool writable) {
  row* entry = rows_.find(peer);
  if (entry == nullptr || entry->writable == writable) return false;
  entry->writable = writable;
  return true;
}

void distribution::clear() {
  selected_.clear();
  full_.clear();
  if (++round_ != 0) return;
  // The stamps have come full circle: old ones must not look like new ones.
  round_ = 1;
  for (const peer_id peer : all_) rows_.find(peer)->stamp = 0;
}

void distribution::decide(peer_id peer, row& entry, bool in) {
  if (entry.stamp == round_) return;
  entry.stamp = round_;
  if (!in) return;
  if (entry.writable) {
    selected_.push_back(peer);
  } else {
    full_.push_back(peer);
  }
}

void distribution::select(std::uint32_t slot) {
  if (const auto peer = rows_.tenant(slot)) decide(*peer, *rows_.find(*peer), true);
}

void distribution::exclude(std::uint32_t slot) {
  if (const auto peer = rows_.tenant(slot)) decide(*peer, *rows_.find(*peer), false);
}

void distribution::select_rest() {
  for (const peer_id peer : all_) decide(peer, *rows_.find(peer), true);
}

}  // namespace monocoque::pattern
