#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The memory of this program, in which nothing of a secret may be left behind: every block that is given
/// back to the allocator is looked through first.
namespace monocoque::test {

/// From now on this is a secret, of 32 bytes. What is kept of it here does not look like it. Thread-safe.
void watch_for(std::span<const std::byte> secret, const char* what) noexcept;
/// None is any more, and nothing was found.
void forget_secrets() noexcept;

/// What was found so far in blocks that were given back: `WHAT in N bytes`.
[[nodiscard]] std::vector<std::string> found_in_freed_memory();
/// The same in all blocks that are in use now, those among them that are kept to be used again.
[[nodiscard]] std::vector<std::string> found_in_used_memory();

}  // namespace monocoque::test
