#pragma once

/// Coroutine tasks: `task`, `spawn`, `when_all`, `when_any`, `timeout`, `sleep_for`.
///
/// Threads: a task runs on the thread of one scheduler (a context's loop), from start to end; tasks of one
/// scheduler never run at the same time. `spawn`, join_handle and any std::stop_source may be used from every
/// thread.
///
/// Cancellation: who owns a task may ask it to stop; every wait in it (sleep, join, receive, ...) then ends
/// with exception{errc::cancelled}, which unwinds the task unless it is caught. A task that waits for nothing
/// looks at
/// `(co_await this_task::stop_token()).stop_requested()` itself.
///
/// Do not write, as long as GCC 12 is one of your compilers (it miscompiles them, silently; name the value
/// first):
///
// clang-format off
///     co_await send({.text = "a", .count = 1});   write: options what{...};        co_await send(what);
///     co_await each([&list](int i) { ... });      write: auto add = [&list]...;    co_await each(add);
///     co_await (fast ? direct() : relayed());     write: auto way = fast ? ...;    co_await std::move(way);
///     auto [a, b] = co_await when_all(f(), g());  write: auto both = co_await ...; auto& [a, b] = both;
///     while (co_await in.async_receive(as_result)) {}  write: for (;;) { auto got = co_await ...; if (!got) ...
// clang-format on
///
/// And with any compiler: a coroutine's references and captures must outlive it. Pass values to a task that
/// is spawned; do not spawn a lambda that captures (the closure dies, the task goes on): give it parameters.

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/detail/task_bundle.hpp>
#include <monocoque/detail/task_environment.hpp>
#include <monocoque/detail/task_promise.hpp>
#include <monocoque/error.hpp>

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// A coroutine that computes a T, not started yet: `co_await std::move(t)` in another task starts it, on the
/// same scheduler and with the same stop_token, and answers its value or rethrows what it threw; `spawn`
/// starts it on its own. A task is awaited once. The frame belongs to the task object, then to the await;
/// destroying either destroys the frame, started or not, and all it waits for, but never from inside the task
/// itself. T is void or a movable object.
///
/// Calling a coroutine may throw std::bad_alloc. Awaiting an empty task throws
/// exception{errc::invalid_argument}. Not thread-safe: one thread at a time, and the scheduler's once it is
/// awaited.
template <class T = void>
class [[nodiscard]] task {
  static_assert(std::is_void_v<T> || (std::is_object_v<T> && std::is_move_constructible_v<T>),
                "the result of a task is void or a movable object");

 public:
  using value_type = T;
  using promise_type = detail::task_promise<T>;

  task() noexcept = default;  ///< empty
  task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      if (coroutine_) coroutine_.destroy();
      coroutine_ = std::exchange(other.coroutine_, nullptr);
    }
    return *this;
  }
  ~task() {
    if (coroutine_) coroutine_.destroy();
  }

  /// False if it was moved from or awaited.
  [[nodiscard]] explicit operator bool() const noexcept { return coroutine_ != nullptr; }

  [[nodiscard]] detail::task_awaiter<T> operator co_await() && {
    check();
    return detail::task_awaiter<T>(std::exchange(coroutine_, nullptr));
  }

  /// For who starts tasks (monocoque::detail): the coroutine, which stays this object's. Throws if it is
  /// empty.
  [[nodiscard]] std::coroutine_handle<promise_type> coroutine() const {
    check();
    return coroutine_;
  }

 private:
  friend promise_type;
  explicit task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}
  void check() const {
    if (!coroutine_) detail::throw_errc(errc::invalid_argument, "the task is empty");
  }

  std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {
template <class T>
class spawn_state;
template <class T>
class join_awaiter;
class task_group;
}  // namespace detail

/// The other end of a spawned task. Like a std::jthread that does not join: destroying a handle asks the task
/// to stop and lets go of it, and never blocks. Movable; each object is used by one thread at a time, but
/// that may be any, and done, request_stop, detach and destruction never wait. An exception that nobody joins
/// is dropped with the task.
///
/// The scheduler must not go while its tasks run. A context sees to it: before its loop ends it asks its
/// tasks to stop, drains them, and what does not end is destroyed and counts as done with errc::terminated.
/// Handles may outlive it.
template <class T = void>
class [[nodiscard]] join_handle {
 public:
  using value_type = T;

  join_handle() noexcept = default;  ///< empty
  join_handle(join_handle&&) noexcept = default;
  join_handle& operator=(join_handle&& other) noexcept {
    if (this != &other) {
      release();
      state_ = std::move(other.state_);
    }
    return *this;
  }
  ~join_handle() { release(); }

  /// False if it was moved from, joined, awaited or detached.
  [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }

  /// Asks the task to stop. Nothing if it is done or the handle is empty.
  void request_stop() const noexcept;
  /// Whether the task has ended and all it owned is destroyed. False for an empty handle.
  [[nodiscard]] bool done() const noexcept;

  /// `T value = co_await std::move(handle)` from a task, of this scheduler or another: waits for the task's
  /// value, or rethrows what it threw. If the waiting task is asked to stop first: asks this one to stop,
  /// lets go of it, and throws exception{errc::cancelled}. Throws exception{errc::invalid_argument} if the
  /// handle is empty.
  [[nodiscard]] detail::join_awaiter<T> operator co_await() &&;

  /// Blocks the calling thread until the task is done, then as above; the handle is empty after. Throws
  /// exception{errc::would_deadlock}, and keeps the handle, if this is the scheduler's thread and the task is
  /// not done.
  T join();

  /// Lets the task go on by itself.
  void detach() noexcept;

 private:
  template <class U>
  friend join_handle<U> spawn(detail::scheduler&, task<U>, std::stop_token);
  friend class detail::task_group;
  explicit join_handle(std::shared_ptr<detail::spawn_state<T>> state) noexcept : state_(std::move(state)) {}
  void release() noexcept;

  std::shared_ptr<detail::spawn_state<T>> state_;
};

/// Starts `body` on the scheduler, soon: never before spawn returns on the scheduler's own thread.
/// Thread-safe. The task is asked to stop through the handle or by `parent`, also before it has started; it
/// is started nevertheless. Throws std::bad_alloc, and exception{errc::invalid_argument} if the task is
/// empty.
template <class T>
join_handle<T> spawn(detail::scheduler& runs_on, task<T> body, std::stop_token parent = {});

/// What a task can ask about itself: `co_await this_task::stop_token()`. None of these fails or is cancelled.
namespace this_task {

struct stop_token_awaiter;
struct scheduler_awaiter;
class yield_awaiter;

/// The token that is asked when this task is to stop. Does not suspend.
[[nodiscard]] inline stop_token_awaiter stop_token() noexcept;
/// The scheduler that this task runs on, as `detail::scheduler&`. Does not suspend.
[[nodiscard]] inline scheduler_awaiter scheduler() noexcept;
/// Lets everything run that is ready, then goes on.
[[nodiscard]] inline yield_awaiter yield() noexcept;

}  // namespace this_task

/// Ends after the duration (at least; one that is not positive ends soon), or throws
/// exception{errc::cancelled} when stop is requested. Durations too long for the clock never end.
template <class Rep, class Period>
task<> sleep_for(std::chrono::duration<Rep, Period> duration);
/// The same with a time of std::chrono::steady_clock.
task<> sleep_until(detail::time_point when);

/// Runs all tasks at once, on this scheduler, and answers all their values in order (void: std::monostate).
/// If one throws, the others are asked to stop, and when all have ended the first exception is rethrown.
/// Tasks not yet started by then never are. Owns the tasks; throws exception{errc::invalid_argument} if one
/// is empty.
template <class... Ts>
task<std::tuple<detail::value_or_monostate<Ts>...>> when_all(task<Ts>... tasks);
template <class T>
task<std::vector<detail::value_or_monostate<T>>> when_all(std::vector<task<T>> tasks);

/// What when_any answers: which task ended first and its value (void: std::monostate).
template <class... Ts>
struct any_result {
  std::size_t index;                                      ///< of the task among the arguments
  std::variant<detail::value_or_monostate<Ts>...> value;  ///< holds alternative `index`
};

/// Runs all tasks at once until one has ended, by value or exception; asks the others to stop, waits until
/// they have, and answers or rethrows what the first one did. What the others answered is dropped: do not
/// race two receives whose messages you need. Tasks not yet started when the first one ends never are. Owns
/// the tasks.
template <class... Ts>
  requires(sizeof...(Ts) > 0)
task<any_result<Ts...>> when_any(task<Ts>... tasks);

/// Runs `body` for `duration` at most, then asks it to stop and waits until it has ended. Throws
/// exception{errc::timed_out} if it ended cancelled on account of that; a value or another exception that it
/// came to nevertheless is not lost but answered as usual. Owns the task.
template <class T, class Rep, class Period>
task<T> timeout(task<T> body, std::chrono::duration<Rep, Period> duration);

}  // namespace monocoque

#pragma GCC visibility pop

#include <monocoque/detail/task_inline.hpp>
