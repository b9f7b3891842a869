#pragma once

#include <cstddef>
#include <string_view>

namespace monocoque::test {

/// Stands in an expected message for what is up to the system or the run.
inline constexpr std::string_view anything = "...";

/// True if `text` is `pattern`, where `anything` stands for any text.
[[nodiscard]] inline bool is_like(std::string_view text, std::string_view pattern) {
  const std::size_t gap = pattern.find(anything);
  if (gap == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, gap))) return false;
  pattern.remove_prefix(gap + anything.size());
  for (text.remove_prefix(gap);; text.remove_prefix(1)) {
    if (is_like(text, pattern)) return true;
    if (text.empty()) return false;
  }
}

}  // namespace monocoque::test
