#pragma once

#include "base/peer_id.hpp"
#include "engine/pipe.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace monocoque::engine {

/// A socket's pipes, each in a place that its id names. Guarded by the socket's monitor.
class pipe_table {
 public:
  struct place {
    std::shared_ptr<pipe> tenant;  // null: free
    std::uint32_t epoch = 0;
  };

  /// Gives it a place, and its id. Throws std::bad_alloc, with nothing done.
  void settle(const std::shared_ptr<pipe>& tenant) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
      // So that to give a place back cannot fail.
      if (free_.capacity() <= places_.size()) free_.reserve(2 * places_.size() + 4);
      slot = static_cast<std::uint32_t>(places_.size());
      places_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    places_[slot].tenant = tenant;
    tenant->id = {slot, places_[slot].epoch};
  }
  /// Takes back the place of a pipe that has one; its id is stale from now on.
  void vacate(std::uint32_t slot) noexcept {
    ++places_[slot].epoch;
    free_.push_back(slot);
    places_[slot].tenant.reset();
  }

  /// Null if it has gone.
  [[nodiscard]] pipe* find(base::peer_id id) const noexcept {
    if (id.slot >= places_.size()) return nullptr;
    const place& found = places_[id.slot];
    return found.epoch == id.epoch ? found.tenant.get() : nullptr;
  }
  [[nodiscard]] const std::shared_ptr<pipe>& operator[](std::size_t slot) const noexcept {
    return places_[slot].tenant;
  }
  // All places, free ones too; `size` is that of the table, `count` that of the pipes.
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] std::size_t count() const noexcept { return places_.size() - free_.size(); }
  [[nodiscard]] auto begin() const noexcept { return places_.begin(); }
  [[nodiscard]] auto end() const noexcept { return places_.end(); }

 private:
  std::vector<place> places_;
  std::vector<std::uint32_t> free_;
};

}  // namespace monocoque::engine
