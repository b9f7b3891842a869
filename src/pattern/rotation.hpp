#pragma once

#include "pattern/peer_table.hpp"

#include <cstdint>

namespace monocoque::pattern {

/// Round robin over those attached peers that are active. Over writable peers it balances the load of
/// outgoing messages, over readable ones it makes the queue of incoming messages a fair one. A peer that
/// becomes active joins at the end of the round, one that stops being active leaves it without disturbing the
/// others' order. Every call is O(1). Owned by one pattern, used under the socket's monitor, bounded by the
/// number of slots.
class rotation {
 public:
  /// The peer starts inactive. An older tenant of the slot is detached.
  void attach(peer_id peer);
  void detach(peer_id peer);
  void set_active(peer_id peer, bool active);

  [[nodiscard]] bool attached(peer_id peer) const noexcept { return rows_.find(peer) != nullptr; }
  [[nodiscard]] bool active(peer_id peer) const noexcept {
    const row* found = rows_.find(peer);
    return found != nullptr && found->active;
  }
  /// True if no peer is active.
  [[nodiscard]] bool empty() const noexcept { return !current_.valid(); }

  /// The one active peer; not valid if there are none or several.
  [[nodiscard]] peer_id sole() const noexcept {
    return current_.valid() && rows_.find(current_)->next == current_ ? current_ : peer_id{};
  }
  /// Whose turn it is; not valid if nobody is active.
  [[nodiscard]] peer_id current() const noexcept { return current_; }
  /// Ends the turn of `peer`, if it is its turn.
  void pass_turn(peer_id peer) noexcept {
    if (current_ == peer && current_.valid()) current_ = rows_.find(current_)->next;
  }
  /// current() and pass_turn() in one.
  [[nodiscard]] peer_id take_turn() noexcept {
    const peer_id chosen = current_;
    pass_turn(chosen);
    return chosen;
  }

 private:
  struct row {
    peer_id previous, next;  // the ring of active peers
    bool active = false;
  };

  void link(peer_id peer, row& entry);
  void unlink(peer_id peer, row& entry);

  peer_table<row> rows_;
  peer_id current_;
};

using load_balancer = rotation;
using fair_queue = rotation;

}  // namespace monocoque::pattern
