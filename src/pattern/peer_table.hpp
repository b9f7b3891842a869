#pragma once

#include "base/peer_id.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace monocoque::pattern {

using base::peer_id;

/// What is kept for each attached peer, found by slot in O(1). An id whose epoch is not that of the slot's
/// tenant finds nothing, so late calls about a peer that has gone have no effect. Owned by one pattern, used
/// under the socket's monitor; its size is bounded by the highest slot that its owner hands out.
template <class State>
class peer_table {
 public:
  [[nodiscard]] State* find(peer_id peer) noexcept { return holds(peer) ? &rows_[peer.slot].state : nullptr; }
  [[nodiscard]] const State* find(peer_id peer) const noexcept {
    return holds(peer) ? &rows_[peer.slot].state : nullptr;
  }

  /// Who lives in that slot, whatever the epoch.
  [[nodiscard]] std::optional<peer_id> tenant(std::uint32_t slot) const noexcept {
    if (slot >= rows_.size() || !rows_[slot].taken) return std::nullopt;
    return peer_id{slot, rows_[slot].epoch};
  }

  /// So that `insert` in this slot cannot fail.
  void make_room(std::uint32_t slot) {
    if (slot >= rows_.size()) rows_.resize(std::size_t{slot} + 1);
  }
  /// Replaces the slot's tenant, if any.
  State& insert(peer_id peer, State state) {
    make_room(peer.slot);
    rows_[peer.slot] = row{std::move(state), peer.epoch, true};
    return rows_[peer.slot].state;
  }

  void erase(peer_id peer) {
    if (holds(peer)) rows_[peer.slot] = row{};
  }

 private:
  struct row {
    State state{};
    std::uint32_t epoch = 0;
    bool taken = false;
  };

  [[nodiscard]] bool holds(peer_id peer) const noexcept {
    return peer.slot < rows_.size() && rows_[peer.slot].taken && rows_[peer.slot].epoch == peer.epoch;
  }

  std::vector<row> rows_;
};

}  // namespace monocoque::pattern
