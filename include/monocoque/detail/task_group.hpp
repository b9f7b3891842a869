#pragma once

#include <monocoque/detail/task_spawn.hpp>
#include <monocoque/task.hpp>

#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque::detail {

/// All spawned tasks of one scheduler, so that it can go: how a context keeps what join_handle promises.
/// Owned by the context, and outlived by the scheduler. Bounded by the tasks that the application spawns.
///
/// The way down: `request_stop`, run the scheduler until `empty` or for as long as the context is willing to,
/// then `abandon`. `spawn`, `request_stop` and `empty` on any thread; `abandon` and the destructor on the
/// scheduler's.
class task_group final {
 public:
  explicit task_group(scheduler& runs_on) : scheduler_(&runs_on) {}
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;
  ~task_group() { abandon(); }

  /// As monocoque::spawn with the token `parent`; the task is also asked to stop when the group is. After
  /// `abandon` the task is destroyed without being started, and is done with errc::terminated.
  template <class T>
  join_handle<T> spawn(task<T> body, std::stop_token parent = {}) {
    if (!body) throw_errc(errc::invalid_argument, "the task is empty");
    auto state = std::make_shared<spawn_state<T>>(*scheduler_, std::move(body));
    state->launch(state, std::move(parent), this, stop_.get_token());
    return join_handle<T>(std::move(state));
  }

  void request_stop() noexcept { stop_.request_stop(); }
  /// No task is running or about to.
  [[nodiscard]] bool empty() const noexcept;

  /// Destroys the tasks that have not ended, wherever they are suspended; they are done with
  /// errc::terminated. Only once the scheduler will run no more work: some of it may be in the frames that
  /// go. Its timers must still work.
  void abandon() noexcept;

 private:
  friend class spawn_state_base;
  [[nodiscard]] bool add(spawn_state_base& state) noexcept;  // false after abandon
  void remove(spawn_state_base& state) noexcept;

  scheduler* const scheduler_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  spawn_state_base* first_ = nullptr;
  bool abandoned_ = false;
};

}  // namespace monocoque::detail

#pragma GCC visibility pop
