#pragma once

namespace monocoque::io {

/// Another number in each child process that is forked after the first call. Thread-safe.
[[nodiscard]] unsigned fork_count() noexcept;

}  // namespace monocoque::io
