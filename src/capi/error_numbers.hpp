#pragma once

#include <monocoque/error.hpp>

#include <exception>
#include <utility>

namespace monocoque::capi {

/// The `errno` that libzmq has for such an error.
[[nodiscard]] int errno_of(const error& reason) noexcept;
/// The same for the exception that is being handled.
[[nodiscard]] int errno_of_current_exception() noexcept;

/// Sets `errno` and answers -1, as functions of zmq.h that fail do.
int fail(int errno_value) noexcept;
inline int fail(const error& reason) noexcept { return fail(errno_of(reason)); }

/// Runs what stands behind a function of zmq.h, which lets no exception out: what it throws becomes `errno`
/// and the answer `failure`.
template <class Body, class Answer = int>
Answer guarded(Body body, Answer failure = -1) noexcept {
  try {
    return body();
  } catch (...) {
    fail(errno_of_current_exception());
    return failure;
  }
}

}  // namespace monocoque::capi
