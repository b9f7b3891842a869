#pragma once

#include "zmtp/octets.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace monocoque::zmtp {

/// How frames are written to a peer that does not take the canonical form: ZMTP 1.0, CURVE. Owned by whoever
/// writes to the connection; used by one thread at a time, in the order in which the frames go out.
class frame_form {
 public:
  frame_form() = default;
  virtual ~frame_form() = default;
  frame_form(const frame_form&) = delete;
  frame_form& operator=(const frame_form&) = delete;

  /// Of a frame with so many bytes of payload.
  [[nodiscard]] virtual std::size_t size_of(std::size_t payload_size) const noexcept = 0;
  /// Writes a frame, which has size_of(payload.size()) bytes. `flags`: base::wire::flag_more and
  /// flag_command.
  virtual void put(std::byte* out, std::uint8_t flags, octets payload) noexcept = 0;
};

/// Appends whole frames in canonical form, commands among them, in another. Throws std::bad_alloc, and has
/// then put none: a frame that were not sent would be missed.
void append_in_form(frame_form& form, octets canonical, std::vector<std::byte>& out);

}  // namespace monocoque::zmtp
