#pragma once

#pragma GCC visibility push(default)

namespace monocoque {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr const char* version_text = "0.1.0";

}  // namespace monocoque

#pragma GCC visibility pop
