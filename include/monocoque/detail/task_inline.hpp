#pragma once

// The templates that <monocoque/task.hpp> declares; included by it.

#include <monocoque/detail/task_spawn.hpp>
#include <monocoque/task.hpp>

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

template <class T>
task<T> detail::task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> detail::task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

// -- spawn

template <class T>
join_handle<T> spawn(detail::scheduler& runs_on, task<T> body, std::stop_token parent) {
  if (!body) detail::throw_errc(errc::invalid_argument, "the task is empty");
  auto state = std::make_shared<detail::spawn_state<T>>(runs_on, std::move(body));
  state->launch(state, std::move(parent));
  return join_handle<T>(std::move(state));
}

template <class T>
void join_handle<T>::request_stop() const noexcept {
  if (state_) state_->request_stop();
}
template <class T>
bool join_handle<T>::done() const noexcept {
  return state_ && state_->done();
}
template <class T>
void join_handle<T>::detach() noexcept {
  state_.reset();
}
template <class T>
void join_handle<T>::release() noexcept {
  request_stop();
  state_.reset();
}
template <class T>
detail::join_awaiter<T> join_handle<T>::operator co_await() && {
  if (!state_) detail::throw_errc(errc::invalid_argument, "the join_handle is empty");
  return detail::join_awaiter<T>(std::move(state_));
}
template <class T>
T join_handle<T>::join() {
  if (!state_) detail::throw_errc(errc::invalid_argument, "the join_handle is empty");
  state_->wait();
  return std::exchange(state_, nullptr)->take();
}

// -- this_task

namespace this_task {

struct stop_token_awaiter {
  std::stop_token token{};

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <has_environment Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    token = self.promise().environment().stop;
    return false;
  }
  [[nodiscard]] std::stop_token await_resume() noexcept { return std::move(token); }
};

struct scheduler_awaiter {
  detail::scheduler* found = nullptr;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <has_environment Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    found = self.promise().environment().scheduler;
    return false;
  }
  [[nodiscard]] detail::scheduler& await_resume() const noexcept { return *found; }
};

/// Lives in the frame of the task that yields.
class yield_awaiter : private detail::work {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <has_environment Promise>
  void await_suspend(std::coroutine_handle<Promise> self) noexcept {
    run = [](detail::work& item) noexcept { static_cast<yield_awaiter&>(item).self_.resume(); };
    self_ = self;
    self.promise().environment().scheduler->post(*this);
  }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<> self_;
};

inline stop_token_awaiter stop_token() noexcept { return {}; }
inline scheduler_awaiter scheduler() noexcept { return {}; }
inline yield_awaiter yield() noexcept { return {}; }

}  // namespace this_task

// -- time

namespace detail {

/// Rounded up to what the clock can tell; max() if it is longer than the clock can tell, or not a number.
template <class Rep, class Period>
[[nodiscard]] constexpr time_point::duration clamp_duration(std::chrono::duration<Rep, Period> wanted) {
  using ticks = time_point::duration;
  using seconds = std::chrono::duration<double>;
  if (wanted <= wanted.zero()) return ticks::zero();
  constexpr seconds longest = std::chrono::hours(24 * 365 * 200);
  if (!(seconds(wanted) < longest)) return ticks::max();
  return std::chrono::ceil<ticks>(wanted);
}

/// `now` + `duration`, or max() where that is later than the clock can tell.
[[nodiscard]] constexpr time_point deadline_after(time_point now, time_point::duration duration) noexcept {
  return duration < time_point::max() - now ? now + duration : time_point::max();
}

task<> sleep_for_ticks(time_point::duration duration);

}  // namespace detail

template <class Rep, class Period>
task<> sleep_for(std::chrono::duration<Rep, Period> duration) {
  return detail::sleep_for_ticks(detail::clamp_duration(duration));
}

// -- several at once

namespace detail {

template <class... Ts>
[[nodiscard]] std::array<bundle_member, sizeof...(Ts)> members_of(const std::tuple<task<Ts>...>& tasks) {
  return std::apply(
      [](const auto&... each) { return std::array<bundle_member, sizeof...(Ts)>{bundle_member(each)...}; },
      tasks);
}
template <class T>
[[nodiscard]] std::vector<bundle_member> members_of(const std::vector<task<T>>& tasks) {
  return {tasks.begin(), tasks.end()};
}

template <class... Ts>
[[nodiscard]] auto take_results(const std::tuple<task<Ts>...>& ended) {
  return std::apply(
      [](const auto&... each) { return std::tuple<value_or_monostate<Ts>...>{take_result(each)...}; }, ended);
}
template <class T>
[[nodiscard]] auto take_results(const std::vector<task<T>>& ended) {
  std::vector<value_or_monostate<T>> values;
  values.reserve(ended.size());
  for (const task<T>& each : ended) values.push_back(take_result(each));
  return values;
}

template <std::size_t Index = 0, class... Ts>
[[nodiscard]] any_result<Ts...> take_first(std::size_t first, const std::tuple<task<Ts>...>& ended) {
  if constexpr (Index + 1 < sizeof...(Ts)) {
    if (first != Index) return take_first<Index + 1>(first, ended);
  }
  using alternatives = std::variant<value_or_monostate<Ts>...>;
  return {Index, alternatives(std::in_place_index<Index>, take_result(std::get<Index>(ended)))};
}

// In the three below, the tasks are moved behind the bundle, so that they are destroyed before the
// environment that they run in, also if the coroutine is destroyed while it is suspended.

template <class Values, class Tasks>
task<Values> run_all(Tasks tasks) {
  task_bundle bundle(bundle_rule::at_first_failure);
  Tasks running = std::move(tasks);
  auto members = members_of(running);
  bundle.hold(members);
  co_await bundle;
  if (bundle.first() < members.size()) std::rethrow_exception(members[bundle.first()].promise->failure());
  co_return take_results(running);
}

template <class... Ts>
task<any_result<Ts...>> run_any(std::tuple<task<Ts>...> tasks) {
  task_bundle bundle(bundle_rule::at_first_end);
  std::tuple<task<Ts>...> running = std::move(tasks);
  auto members = members_of(running);
  bundle.hold(members);
  co_await bundle;
  co_return take_first(bundle.first(), running);
}

/// Whether a task failed because it obeyed a request to stop.
[[nodiscard]] bool is_cancelled(const std::exception_ptr& failure) noexcept;

template <class T>
task<T> run_timeout(task<T> body, time_point::duration duration) {
  scheduler& clock = co_await this_task::scheduler();
  task_bundle bundle(bundle_rule::at_first_end);
  task<T> running = std::move(body);
  std::array<bundle_member, 1> members{bundle_member(running)};
  bundle.hold(members);
  bundle.stop_at(deadline_after(clock.now(), duration));
  co_await bundle;
  auto& promise = running.coroutine().promise();
  if (bundle.timed_out() && is_cancelled(promise.failure())) throw_errc(errc::timed_out);
  co_return promise.take();
}

}  // namespace detail

template <class... Ts>
task<std::tuple<detail::value_or_monostate<Ts>...>> when_all(task<Ts>... tasks) {
  return detail::run_all<std::tuple<detail::value_or_monostate<Ts>...>>(
      std::tuple<task<Ts>...>(std::move(tasks)...));
}
template <class T>
task<std::vector<detail::value_or_monostate<T>>> when_all(std::vector<task<T>> tasks) {
  return detail::run_all<std::vector<detail::value_or_monostate<T>>>(std::move(tasks));
}

template <class... Ts>
  requires(sizeof...(Ts) > 0)
task<any_result<Ts...>> when_any(task<Ts>... tasks) {
  return detail::run_any(std::tuple<task<Ts>...>(std::move(tasks)...));
}

template <class T, class Rep, class Period>
task<T> timeout(task<T> body, std::chrono::duration<Rep, Period> duration) {
  return detail::run_timeout(std::move(body), detail::clamp_duration(duration));
}

}  // namespace monocoque

#pragma GCC visibility pop
