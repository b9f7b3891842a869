#pragma once

#include "pattern/pattern.hpp"

#include <monocoque/options.hpp>
#include <monocoque/socket_type.hpp>

#include <cstddef>
#include <cstdint>

namespace monocoque::engine {

class context_core;

/// What a socket's options mean for its queues, in the form that the hot path compares with.
struct queue_limits {
  // High-water marks in messages; without a limit, a number that is never reached.
  std::uint64_t send;
  std::uint64_t receive;
  std::uint64_t send_mark;  ///< of each pipe: `send`, or one more where the oldest are dropped then
  // In bytes, of one pipe and of all together; SIZE_MAX: no limit.
  std::size_t send_bytes;
  std::size_t send_total;
  std::size_t receive_bytes;
  std::size_t receive_total;
  full_policy when_full;
  bool never_waits;  ///< a message that nobody can take is dropped, where the pattern would wait
  bool conflates;    ///< only the newest message counts
  bool notes_late;   ///< what has gone counts for a moment yet (send_limits)

  [[nodiscard]] static queue_limits of(socket_type type, const socket_options& options,
                                       const context_core& context) noexcept;
};

/// What they mean for its pattern.
[[nodiscard]] pattern::settings pattern_settings(const socket_options& options, context_core& context);

/// True if a connected pipe takes messages before the peer is there: of patterns that deal messages out, what
/// is queued for a peer stays queued while it is away, and so it is in STREAM.
[[nodiscard]] bool keeps_pipes(socket_type type, const socket_options& options) noexcept;

}  // namespace monocoque::engine
