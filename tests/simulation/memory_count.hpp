#pragma once

#include <cstddef>

namespace monocoque::simulation {

/// Bytes that operator new has given out in this program and that are not given back yet. Always 0 in a build
/// with sanitizers, which have their own operator new.
[[nodiscard]] std::size_t heap_in_use() noexcept;

}  // namespace monocoque::simulation
