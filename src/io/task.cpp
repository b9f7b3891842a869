#include <monocoque/task.hpp>

#include <utility>

namespace monocoque {
namespace detail {

void throw_errc(errc code, const char* detail) { throw exception(error(make_error_code(code), detail)); }

bool is_cancelled(const std::exception_ptr& failure) noexcept {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const exception& reason) {
    return reason.reason() == errc::cancelled;
  } catch (...) {
    return false;
  }
}

namespace {

/// `co_await` of a time: an alarm and a wait. Lives in the frame of the task that sleeps, on its scheduler's
/// thread.
class sleep_awaiter final : private timer {
 public:
  explicit sleep_awaiter(time_point until) noexcept : until_(until) {}
  sleep_awaiter(const sleep_awaiter&) = delete;
  sleep_awaiter& operator=(const sleep_awaiter&) = delete;
  ~sleep_awaiter() {
    if (armed()) scheduler_->stop(*this);
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <has_environment Promise>
  void await_suspend(std::coroutine_handle<Promise> sleeper) {
    const task_environment& environment = sleeper.promise().environment();
    scheduler_ = environment.scheduler;
    fire = [](timer& self) noexcept { static_cast<sleep_awaiter&>(self).wait_.finish(); };
    if (until_ != time_point::max()) scheduler_->start(*this, until_);
    wait_.begin(sleeper, environment);
  }
  void await_resume() const {
    if (wait_.stopped()) throw_errc(errc::cancelled);
  }

 private:
  const time_point until_;
  scheduler* scheduler_ = nullptr;
  wait_point wait_;
};

}  // namespace

task<> sleep_for_ticks(time_point::duration duration) {
  scheduler& clock = co_await this_task::scheduler();
  sleep_awaiter sleep(deadline_after(clock.now(), duration));
  co_await sleep;
}

}  // namespace detail

task<> sleep_until(detail::time_point when) {
  detail::sleep_awaiter sleep(when);
  co_await sleep;
}

}  // namespace monocoque
