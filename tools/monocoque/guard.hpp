#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// CLI11 takes a word like [1,2] or {} for a list and ++ for an end mark. With this in front a word is a
/// word.
inline constexpr char guard = '\1';

[[nodiscard]] inline std::string guarded(std::string_view word) {
  const bool special =
      !word.empty() && (std::string_view("[{+").find(word[0]) != std::string_view::npos || word[0] == guard);
  return special ? guard + std::string(word) : std::string(word);
}
inline void unguard(std::string& word) {
  if (!word.empty() && word[0] == guard) word.erase(0, 1);
}
inline void unguard(std::vector<std::string>& words) {
  for (std::string& word : words) unguard(word);
}

}  // namespace tool
