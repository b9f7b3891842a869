#pragma once

#include "pattern/pattern.hpp"

#include <monocoque/error.hpp>

namespace monocoque::engine {

/// How an attempt to send ends that a pattern answers so, if nothing else is done about it.
[[nodiscard]] inline errc code_of(pattern::send_kind kind) noexcept {
  using enum pattern::send_kind;
  switch (kind) {
    case pass:
    case subscription:
    case disconnect:
    case drop:
    case consumed: return {};
    case would_block: return errc::would_block;
    case unroutable: return errc::unroutable;
    case wrong_state: return errc::wrong_state;
    case invalid: return errc::invalid_argument;
    case not_supported: return errc::not_supported;
  }
  return errc::internal;
}

}  // namespace monocoque::engine
