#pragma once

#include <monocoque/detail/task_environment.hpp>
#include <monocoque/detail/task_promise.hpp>
#include <monocoque/detail/task_wait.hpp>

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

#pragma GCC visibility push(default)

namespace monocoque::detail {

class task_group;

/// What a spawned task and its join_handle share. Owned by both: the handle's reference, and one of its own
/// from `launch` until the task has ended, so either may go first. Bounded: one waiter (the handle is moved
/// into it).
///
/// Threads: launch and request_stop on any; the task, `collect` and `publish` on the scheduler's; `mutex_`
/// guards the waiter and the moment of completion. Everything the task owned is destroyed before it counts as
/// done.
class spawn_state_base : private task_owner, private work {
 public:
  spawn_state_base(const spawn_state_base&) = delete;
  spawn_state_base& operator=(const spawn_state_base&) = delete;

  /// Posts the start of the task. Any thread, once. `group`, if any, lists the task until it has ended.
  void launch(std::shared_ptr<spawn_state_base> self, std::stop_token parent, task_group* group = nullptr,
              std::stop_token group_stop = {});
  void request_stop() noexcept { stop_.request_stop(); }
  [[nodiscard]] bool done() const noexcept { return done_.load(std::memory_order_acquire); }

  /// Blocks until the task is done. Throws exception{errc::would_deadlock} on the scheduler's thread if it is
  /// not.
  void wait();
  /// `waiter.finish()` will be called when the task is done. False, and it will not, if it is done already.
  [[nodiscard]] bool subscribe(wait_point& waiter) noexcept;
  /// After this `finish` is not called any more, nor running.
  void unsubscribe() noexcept;

 protected:
  explicit spawn_state_base(scheduler& runs_on) : environment_{&runs_on, stop_.get_token()} {}
  virtual ~spawn_state_base() = default;

  [[nodiscard]] const task_environment& environment() const noexcept { return environment_; }

 private:
  friend class task_group;
  struct forward_stop {
    spawn_state_base* state;
    void operator()() const noexcept { state->stop_.request_stop(); }
  };

  /// Hands the owner and the environment to the task; answers its coroutine.
  virtual std::coroutine_handle<> prepare(task_owner& owner) noexcept = 0;
  /// Takes the result out of the frame and destroys the frame.
  virtual void collect() noexcept = 0;
  /// Destroys the frame, started or not; the result becomes `reason`.
  virtual void abandon(std::exception_ptr reason) noexcept = 0;

  static std::coroutine_handle<> task_ended(task_owner& owner) noexcept;
  static void run_start(work& self) noexcept;
  static void run_finish(work& self) noexcept;
  void publish() noexcept;
  // The end of a task that its group abandons, in two steps: all frames go before anybody is told.
  void destroy_task() noexcept;
  void release_abandoned() noexcept;

  std::stop_source stop_;
  task_environment environment_;
  std::optional<std::stop_callback<forward_stop>> parent_;
  std::optional<std::stop_callback<forward_stop>> group_parent_;
  std::shared_ptr<spawn_state_base> self_;  // while the task is not done
  std::mutex mutex_;
  std::condition_variable became_done_;
  std::atomic<bool> done_ = false;
  wait_point* waiter_ = nullptr;
  task_group* group_ = nullptr;  // guarded by the group's mutex, as are the two below
  spawn_state_base* before_ = nullptr;
  spawn_state_base* after_ = nullptr;
};

template <class T>
class spawn_state final : public spawn_state_base {
 public:
  spawn_state(scheduler& runs_on, task<T>&& body) : spawn_state_base(runs_on), body_(std::move(body)) {}

  /// The result; once, after the task is done.
  [[nodiscard]] T take() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

 private:
  std::coroutine_handle<> prepare(detail::task_owner& owner) noexcept override {
    const auto coroutine = body_.coroutine();
    coroutine.promise().begin(owner, environment(), 0);
    return coroutine;
  }
  void collect() noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        body_.coroutine().promise().take();
      } else {
        value_.emplace(body_.coroutine().promise().take());
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
    body_ = task<T>();
  }
  void abandon(std::exception_ptr reason) noexcept override {
    body_ = task<T>();
    failure_ = std::move(reason);
  }

  task<T> body_;
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value_;
  std::exception_ptr failure_;
};

/// `co_await std::move(handle)`: lives in the waiting task's frame, on its scheduler's thread, which need not
/// be the scheduler of the task that is waited for.
template <class T>
class join_awaiter final {
 public:
  explicit join_awaiter(std::shared_ptr<spawn_state<T>> state) noexcept : state_(std::move(state)) {}
  join_awaiter(const join_awaiter&) = delete;
  join_awaiter& operator=(const join_awaiter&) = delete;
  ~join_awaiter() {
    if (subscribed_) state_->unsubscribe();
    if (!state_->done()) state_->request_stop();
  }

  [[nodiscard]] bool await_ready() const noexcept { return state_->done(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiter) noexcept {
    static_assert(has_environment<Promise>, "a join_handle is awaited from a task; elsewhere use join()");
    subscribed_ = true;
    wait_.begin(waiter, waiter.promise().environment());
    if (!state_->subscribe(wait_)) wait_.finish();
  }
  T await_resume() {
    if (!state_->done()) throw_errc(errc::cancelled);  // the wait was stopped
    return state_->take();
  }

 private:
  std::shared_ptr<spawn_state<T>> state_;
  wait_point wait_;
  bool subscribed_ = false;
};

}  // namespace monocoque::detail

#pragma GCC visibility pop
