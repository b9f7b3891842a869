#pragma once

#include <monocoque/detail/scheduler.hpp>

#include <concepts>
#include <stop_token>

#pragma GCC visibility push(default)

namespace monocoque {

/// What a running task knows about its surroundings: the loop it runs on and whether it was asked to stop. A
/// child that is awaited shares its parent's; spawn, when_all, when_any and timeout make one of their own.
struct task_environment {
  detail::scheduler* scheduler = nullptr;  ///< never null in a task that runs
  std::stop_token stop;
};

/// A promise whose coroutine runs in a task_environment. Awaitables read `handle.promise().environment()` in
/// `await_suspend`; what they need in their destructor they keep a copy of. The reference is valid as long as
/// the coroutine is.
template <class Promise>
concept has_environment = requires(const Promise& promise) {
  { promise.environment() } noexcept -> std::same_as<const task_environment&>;
};

}  // namespace monocoque

#pragma GCC visibility pop
