#pragma once

#include "zmtp/octets.hpp"

#include <monocoque/bytes.hpp>
#include <monocoque/error.hpp>

#include <optional>

namespace monocoque::zmtp {

/// Rewrites what a peer sends that does not speak the canonical form into it, as it arrives, wherever it is
/// split. The counterpart of frame_form. Owned by one connection.
class foreign_reader {
 public:
  foreign_reader() = default;
  virtual ~foreign_reader() = default;
  foreign_reader(const foreign_reader&) = delete;
  foreign_reader& operator=(const foreign_reader&) = delete;

  /// The canonical form of what could be translated; look at `failure()` when that has been dealt with.
  [[nodiscard]] virtual bytes to_canonical(octets in) = 0;
  /// Why nothing more can be read. After an error `to_canonical` answers nothing.
  [[nodiscard]] virtual const std::optional<error>& failure() const noexcept = 0;
  /// True inside of a header: octets are held here that the frame decoder has not seen.
  [[nodiscard]] virtual bool in_header() const noexcept = 0;
};

}  // namespace monocoque::zmtp
