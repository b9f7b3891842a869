#pragma once

#include <cstddef>
#include <functional>
#include <span>

/// Whether what is done with a secret depends on what it is: valgrind's memcheck notices when a jump or an
/// address depends on memory that is undefined, and so it is told that the secret is.
namespace monocoque::test {

/// Runs the test that calls it once more, under valgrind, and there `body`, which must succeed. Skips it
/// where there is no valgrind, or a sanitizer in its place.
void under_valgrind(const std::function<void()>& body);

/// From now on nothing may depend on it.
void make_secret(std::span<const std::byte> data) noexcept;
/// What it says may be known now.
void make_known(std::span<const std::byte> data) noexcept;
template <class Value>
[[nodiscard]] Value known(Value value) noexcept {
  make_known(std::as_bytes(std::span(&value, 1)));
  return value;
}

/// How often something has depended on a secret so far.
[[nodiscard]] std::size_t dependences() noexcept;

}  // namespace monocoque::test
