#pragma once

#include "pattern/dealer.hpp"
#include "pattern/pair.hpp"
#include "pattern/push.hpp"

namespace monocoque::pattern {

/// A type that does as another one, but whose messages have one frame each: what has several is refused.
template <class Like>
class single_frame final : public Like {
 public:
  using Like::Like;

  [[nodiscard]] send_verdict route(std::span<const bytes> frames) override {
    if (frames.size() != 1) return {.kind = send_kind::invalid};
    return Like::route(frames);
  }
};

using client = single_frame<dealer>;  ///< CLIENT (RFC 41)
using scatter = single_frame<push>;   ///< SCATTER (RFC 49)
using channel = single_frame<pair>;   ///< CHANNEL (RFC 52)

}  // namespace monocoque::pattern
