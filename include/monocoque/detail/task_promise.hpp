#pragma once

#include <monocoque/detail/task_environment.hpp>
#include <monocoque/error.hpp>

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {
template <class T>
class task;
}

namespace monocoque::detail {

/// Throws exception{code}, with what exactly went wrong where the code alone does not say it.
[[noreturn]] void throw_errc(errc code, const char* detail = "");

/// Whoever started a task and is told, on the scheduler's thread, when it has ended. Lives longer than the
/// task runs.
struct task_owner {
  /// Called from the task's final suspension point; answers the coroutine to go on with. Must not destroy the
  /// task.
  std::coroutine_handle<> (*ended)(task_owner& self) noexcept = nullptr;
};

/// Awaits nest on the stack while children are started, and at -O0 while they end. Every so many levels one
/// goes through the scheduler instead, so recursion of any depth needs a bounded stack (about 1 KB a level
/// under ASan).
inline constexpr std::uint32_t levels_on_stack = 128;

/// The part of a task's promise that does not depend on its result. Lives in the task's frame; used on the
/// scheduler's thread only, once started. Frames come from the global operator new, one allocation each: a
/// thread-local free list of them was measured (GCC 12 -O2, a loop of awaits) and gained nothing over glibc's
/// own.
class task_promise_base {
 public:
  struct final_awaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      task_owner& owner = *ended.promise().owner_;
      return owner.ended(owner);
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }

  /// Only of a task that was started.
  [[nodiscard]] const task_environment& environment() const noexcept { return *environment_; }
  [[nodiscard]] std::uint32_t depth() const noexcept { return depth_; }
  [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }

  /// To be called before the first resume. `environment` is kept by reference: its owner outlives the task,
  /// as the owner of an awaited child (the parent's frame) does, and so no stop_token is copied per await.
  void begin(task_owner& owner, const task_environment& environment, std::uint32_t depth) noexcept {
    owner_ = &owner;
    environment_ = &environment;
    depth_ = depth;
  }

 protected:
  void rethrow_failure() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  task_owner* owner_ = nullptr;
  const task_environment* environment_ = nullptr;
  std::exception_ptr failure_;
  std::uint32_t depth_ = 0;
};

template <class T>
class task_promise final : public task_promise_base {
 public:
  [[nodiscard]] task<T> get_return_object() noexcept;

  template <class Value = T>
    requires std::constructible_from<T, Value>
  void return_value(Value&& value) noexcept(std::is_nothrow_constructible_v<T, Value>) {
    value_.emplace(std::forward<Value>(value));
  }

  /// The result of a task that has ended: once.
  [[nodiscard]] T take() {
    rethrow_failure();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> final : public task_promise_base {
 public:
  [[nodiscard]] task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() { rethrow_failure(); }
};

/// How deep below its root a coroutine is, as far as it is known.
template <class Promise>
[[nodiscard]] std::uint32_t depth_of(const Promise& promise) noexcept {
  if constexpr (std::derived_from<Promise, task_promise_base>) {
    return promise.depth();
  } else {
    return 0;
  }
}

/// `co_await` of a child task: owns the child, lives in the parent's frame, scheduler's thread only.
///
/// Why the child is started here and not by symmetric transfer: a transfer is a tail call only from -O2 on,
/// so a loop of children that complete at once would sink one stack frame an await (GCC 12 -O0: gone after
/// some 60,000). Started inside await_suspend, such a child returns here and the parent just goes on: the
/// stack is level again.
template <class T>
class task_awaiter final : private task_owner, private work {
 public:
  explicit task_awaiter(std::coroutine_handle<task_promise<T>> child) noexcept : child_(child) {
    ended = &child_ended;
  }
  task_awaiter(const task_awaiter&) = delete;
  task_awaiter& operator=(const task_awaiter&) = delete;
  ~task_awaiter() { child_.destroy(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) noexcept {
    static_assert(has_environment<Promise>, "a task is awaited from a task, or spawned");
    parent_ = parent;
    const std::uint32_t depth = depth_of(parent.promise()) + 1;
    child_.promise().begin(*this, parent.promise().environment(), depth);
    if (depth % levels_on_stack == 0) {
      run = [](work& self) noexcept { static_cast<task_awaiter&>(self).child_.resume(); };
      parent.promise().environment().scheduler->post(*this);
      return true;
    }
    starting_ = true;
    child_.resume();
    starting_ = false;
    return !child_.done();
  }

  T await_resume() { return child_.promise().take(); }

 private:
  static std::coroutine_handle<> child_ended(task_owner& owner) noexcept {
    auto& self = static_cast<task_awaiter&>(owner);
    if (self.starting_) return std::noop_coroutine();
    const task_promise<T>& promise = self.child_.promise();
    if (promise.depth() % levels_on_stack != 0) return self.parent_;
    self.run = [](work& item) noexcept { static_cast<task_awaiter&>(item).parent_.resume(); };
    promise.environment().scheduler->post(self);
    return std::noop_coroutine();
  }

  std::coroutine_handle<task_promise<T>> child_;
  std::coroutine_handle<> parent_;
  bool starting_ = false;
};

}  // namespace monocoque::detail

#pragma GCC visibility pop
