#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace monocoque::test {

using frames = std::vector<std::string>;

/// A message that says what it is: who made it, the how-manieth of that one it is, and a body that follows
/// from both, of 0 bytes to 24 KB, so that an altered, cut or mixed one is known.
struct numbered {
  std::string maker;
  std::uint64_t number = 0;

  [[nodiscard]] bool operator==(const numbered&) const = default;
};

/// Three frames: maker, number, body.
[[nodiscard]] frames write(const numbered& what);
/// The message that lies in the last three frames of `from`. Throws std::runtime_error if it is not one.
[[nodiscard]] numbered read(const frames& from);

}  // namespace monocoque::test
