#pragma once

#include <monocoque/error.hpp>

#include <cerrno>

namespace monocoque::capi {

/// The `errno` that libzmq has for such an error.
[[nodiscard]] int errno_of(const error& reason) noexcept;
/// The same for the exception that is being handled.
[[nodiscard]] int errno_of_current_exception() noexcept;

/// Sets `errno` and answers `failure`.
template <class Value>
Value fail(int why, Value failure) noexcept {
  errno = why;
  return failure;
}
inline int fail(int why) noexcept { return fail(why, -1); }
inline int fail(const error& why) noexcept { return fail(errno_of(why), -1); }

/// Answers what `body` does. If it throws, errno says why, and the answer is `failure`: callers in C know no
/// exceptions. Code of the application's, such as a handler, is not to run in here: what it throws is its
/// own.
template <class Value, class Body>
Value guard(Value failure, Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return fail(errno_of_current_exception(), failure);
  }
}

}  // namespace monocoque::capi
