#include "demo/scene.hpp"

#include <fmt/format.h>

namespace tool::demo {

void expect_equal(scene_result& result, std::string_view what, std::uint64_t found, std::uint64_t expected) {
  if (found == expected) return;
  const bool lost = found < expected;
  result.findings.push_back(fmt::format("{}: {} of {} messages {}", what,
                                        lost ? expected - found : found - expected, expected,
                                        lost ? "lost" : "too many"));
}

}  // namespace tool::demo
