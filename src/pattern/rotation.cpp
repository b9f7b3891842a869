#include "pattern/rotation.hpp"

namespace monocoque::pattern {

void rotation::attach(peer_id peer) {
  if (!peer.valid() || attached(peer)) return;
  if (const auto older = rows_.tenant(peer.slot)) detach(*older);
  rows_.insert(peer, {});
}

void rotation::detach(peer_id peer) {
  row* entry = rows_.find(peer);
  if (entry == nullptr) return;
  if (entry->active) unlink(peer, *entry);
  rows_.erase(peer);
}

void rotation::set_active(peer_id peer, bool active) {
  row* entry = rows_.find(peer);
  if (entry == nullptr || entry->active == active) return;
  if (active) {
    link(peer, *entry);
  } else {
    unlink(peer, *entry);
  }
}

void rotation::link(peer_id peer, row& entry) {
  entry.active = true;
  if (!current_.valid()) {
    entry.previous = entry.next = current_ = peer;
    return;
  }
  row& first = *rows_.find(current_);
  entry.next = current_;
  entry.previous = first.previous;
  rows_.find(first.previous)->next = peer;
  first.previous = peer;
}

void rotation::unlink(peer_id peer, row& entry) {
  entry.active = false;
  if (entry.next == peer) {
    current_ = {};
    return;
  }
  rows_.find(entry.previous)->next = entry.next;
  rows_.find(entry.next)->previous = entry.previous;
  if (current_ == peer) current_ = entry.next;
}

}  // namespace monocoque::pattern
