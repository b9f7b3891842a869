#pragma once

#include "pattern/peer_table.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace monocoque::pattern {

/// Picks, for one message at a time, the peers that get a copy: each at most once, those that are full only
/// counted. Owned by one pattern, used under the socket's monitor, bounded by the number of peers; nothing is
/// allocated once the lists have grown to the number of peers.
class distribution {
 public:
  /// The peer starts full. An older tenant of the slot is detached.
  void attach(peer_id peer);
  void detach(peer_id peer);
  /// True if that changed anything.
  bool set_writable(peer_id peer, bool writable);

  [[nodiscard]] bool writable(peer_id peer) const noexcept {
    const row* const entry = rows_.find(peer);
    return entry != nullptr && entry->writable;
  }
  [[nodiscard]] bool attached(peer_id peer) const noexcept { return rows_.find(peer) != nullptr; }
  /// Who lives in that slot, whatever the epoch.
  [[nodiscard]] std::optional<peer_id> tenant(std::uint32_t slot) const noexcept {
    return rows_.tenant(slot);
  }
  [[nodiscard]] std::span<const peer_id> all() const noexcept { return all_; }

  /// Forgets the selection.
  void clear();
  /// Selects the tenant of that slot.
  void select(std::uint32_t slot);
  /// Keeps the tenant of that slot out of the selection.
  void exclude(std::uint32_t slot);
  /// Selects all that are neither selected nor excluded.
  void select_rest();

  /// The selected peers that are writable; valid until the next call that changes anything.
  [[nodiscard]] std::span<const peer_id> selected() const noexcept { return selected_; }
  /// How many selected peers are full.
  [[nodiscard]] std::uint32_t full() const noexcept { return static_cast<std::uint32_t>(full_.size()); }
  /// Which; valid as long.
  [[nodiscard]] std::span<const peer_id> full_peers() const noexcept { return full_; }

 private:
  struct row {
    std::uint32_t position = 0;  // in all_
    std::uint32_t stamp = 0;     // equal to round_: decided in this round
    bool writable = false;
  };

  void decide(peer_id peer, row& entry, bool in);

  peer_table<row> rows_;
  std::vector<peer_id> all_;
  std::vector<peer_id> selected_;
  std::vector<peer_id> full_;
  std::uint32_t round_ = 1;
};

}  // namespace monocoque::pattern
