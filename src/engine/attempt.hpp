#pragma once

#include <monocoque/error.hpp>

#include <cstdint>

namespace monocoque::engine {

/// How an attempt ended: `succeeded` or why not. Bare, since the hot path makes one for each message.
using attempt_code = errc;
inline constexpr attempt_code succeeded{};

/// What a blocking call of a threaded context does when its thread has handled a POSIX signal meanwhile:
/// wait on, or fail with EINTR, as libzmq's do.
enum class on_signal : std::uint8_t { go_on, fail };

}  // namespace monocoque::engine
