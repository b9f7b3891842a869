#pragma once

#include <cerrno>
#include <system_error>

namespace monocoque::capi {

/// Sets errno and answers `failure`.
template <class Value>
Value fail(int why, Value failure) noexcept {
  errno = why;
  return failure;
}

/// Answers what `body` does. If it throws, errno says why, and the answer is `failure`: callers in C know no
/// exceptions. Code of the application's, such as a handler, is not to run in here: what it throws is its
/// own.
template <class Value, class Body>
Value guard(Value failure, Body body) noexcept {
  try {
    return body();
  } catch (const std::system_error& thrown) {
    const bool of_system = thrown.code().category() == std::generic_category() ||
                           thrown.code().category() == std::system_category();
    return fail(of_system ? thrown.code().value() : EINVAL, failure);
  } catch (...) {
    return fail(ENOMEM, failure);  // there is nothing else
  }
}

}  // namespace monocoque::capi
