#pragma once

#include <monocoque/detail/task_environment.hpp>
#include <monocoque/detail/task_promise.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <type_traits>
#include <variant>

#pragma GCC visibility push(default)

namespace monocoque::detail {

template <class T>
using value_or_monostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

class task_bundle;

/// One task of a bundle. Does not own the task.
struct bundle_member : task_owner {
  bundle_member() noexcept = default;
  template <class T>
  // NOLINTNEXTLINE(google-explicit-constructor): a range of tasks makes one of these
  bundle_member(const task<T>& body) : coroutine(body.coroutine()), promise(&body.coroutine().promise()) {}

  task_bundle* bundle = nullptr;
  std::coroutine_handle<> coroutine;
  task_promise_base* promise = nullptr;
};

/// When the members that still run are asked to stop, apart from when the awaiting task is.
enum class bundle_rule : unsigned char { at_first_failure, at_first_end };

/// Several tasks that run at once under one stop_source and are awaited together: what when_all, when_any and
/// timeout are made of. A local of their coroutine, awaited once, which goes on when every member has ended.
/// Scheduler's thread only, save that a request to stop comes in on any thread and passes through `source_`
/// to waits that post.
///
/// Members are started in their order; once the rule has asked for stop, those that are left are never
/// started.
class task_bundle final {
 public:
  explicit task_bundle(bundle_rule rule) : rule_(rule) {}
  task_bundle(const task_bundle&) = delete;
  task_bundle& operator=(const task_bundle&) = delete;
  ~task_bundle() = default;

  /// Before the await. The members stay put until the bundle or the await has ended.
  void hold(std::span<bundle_member> members) noexcept { members_ = members; }
  /// Once awaited, asks the members to stop at that time.
  void stop_at(time_point deadline) noexcept { deadline_ = deadline; }

  [[nodiscard]] bool await_ready() const noexcept { return members_.empty(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) {
    return start(parent, parent.promise().environment(), depth_of(parent.promise()));
  }
  void await_resume() noexcept {}

  /// After the await: the member that ended first, or failed first if that is the rule; SIZE_MAX if none.
  [[nodiscard]] std::size_t first() const noexcept { return first_; }
  /// Whether it was the deadline that asked for stop, rather than the awaiting task.
  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

 private:
  struct forward_stop {
    task_bundle* bundle;
    void operator()() const noexcept { bundle->source_.request_stop(); }
  };
  struct alarm : timer {
    task_bundle* bundle = nullptr;
    alarm() noexcept = default;
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;
    ~alarm();
  };

  [[nodiscard]] bool start(std::coroutine_handle<> parent, const task_environment& outer,
                           std::uint32_t depth);
  static std::coroutine_handle<> member_ended(task_owner& owner) noexcept;
  void note_end(const bundle_member& member) noexcept;

  const bundle_rule rule_;
  bool decided_ = false;
  bool timed_out_ = false;
  std::size_t running_ = 0;
  std::size_t first_ = SIZE_MAX;
  std::span<bundle_member> members_;
  std::coroutine_handle<> parent_;
  std::stop_source source_;
  task_environment environment_;
  std::optional<time_point> deadline_;
  alarm alarm_;
  std::optional<std::stop_callback<forward_stop>> outer_stop_;
};

template <class T>
[[nodiscard]] value_or_monostate<T> take_result(const task<T>& ended) {
  if constexpr (std::is_void_v<T>) {
    ended.coroutine().promise().take();
    return {};
  } else {
    return ended.coroutine().promise().take();
  }
}

}  // namespace monocoque::detail

#pragma GCC visibility pop
