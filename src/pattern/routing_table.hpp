#pragma once

#include "pattern/peer_table.hpp"

#include <monocoque/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

namespace monocoque::pattern {

/// Which peer is known by which routing id (ROUTER, REP). Each attached peer has exactly one, given or
/// generated; no two peers have the same. Entries are keyed by slot and epoch, so the late detach of an old
/// connection never removes the new one that has taken its id or its slot. Owned by one pattern, used under
/// the socket's monitor, bounded by the number of peers. Lookups allocate nothing.
class routing_table {
 public:
  /// `seed` must not be 0; it decides the generated ids and keys the hash.
  explicit routing_table(std::uint64_t seed);

  struct outcome {
    bool attached = false;      ///< false: the id belongs to another peer, who keeps it
    peer_id displaced;          ///< valid: this peer had the id before; it is known by a generated one now
    const bytes* id = nullptr;  ///< what the peer is known by; valid until it is detached
  };
  /// An empty id asks for a generated one: 5 bytes of which the first is 0, as in libzmq.
  outcome attach(peer_id peer, const bytes& id, bool hand_over);
  void detach(peer_id peer);

  [[nodiscard]] peer_id find(std::span<const std::byte> id) const;
  /// Null if the peer is not attached; valid until the peer is attached, detached or displaced.
  [[nodiscard]] const bytes* id_of(peer_id peer) const noexcept { return ids_.find(peer); }

 private:
  struct hash {
    using is_transparent = void;
    std::uint64_t seed;
    [[nodiscard]] std::size_t operator()(std::span<const std::byte> id) const noexcept;
  };
  struct same {
    using is_transparent = void;
    [[nodiscard]] bool operator()(std::span<const std::byte> left,
                                  std::span<const std::byte> right) const noexcept;
  };

  [[nodiscard]] bytes unused_id();

  std::uint32_t next_generated_;
  std::unordered_map<bytes, peer_id, hash, same> peers_;
  peer_table<bytes> ids_;
};

}  // namespace monocoque::pattern
