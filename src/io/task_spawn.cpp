#include <monocoque/detail/task_spawn.hpp>

#include <monocoque/detail/task_group.hpp>

namespace monocoque::detail {

void spawn_state_base::launch(std::shared_ptr<spawn_state_base> self, std::stop_token parent,
                              task_group* group, std::stop_token group_stop) {
  if (parent.stop_possible()) parent_.emplace(std::move(parent), forward_stop{this});
  if (group_stop.stop_possible()) group_parent_.emplace(std::move(group_stop), forward_stop{this});
  self_ = std::move(self);
  group_ = group;
  if (group && !group->add(*this)) {
    destroy_task();
    return release_abandoned();
  }
  run = &run_start;
  environment_.scheduler->post(*this);
}

void spawn_state_base::run_start(work& self) noexcept {
  auto& state = static_cast<spawn_state_base&>(self);
  state.ended = &task_ended;
  state.prepare(state).resume();
}

// The task is at its final suspension point, and whoever resumed it still on the stack: the frame is
// destroyed in a tick of its own, and the task counts as done only after that.
std::coroutine_handle<> spawn_state_base::task_ended(task_owner& owner) noexcept {
  auto& state = static_cast<spawn_state_base&>(owner);
  state.run = &run_finish;
  state.environment_.scheduler->post(state);
  return std::noop_coroutine();
}

void spawn_state_base::run_finish(work& self) noexcept {
  auto& state = static_cast<spawn_state_base&>(self);
  const std::shared_ptr<spawn_state_base> keep = std::move(state.self_);
  state.collect();
  state.parent_.reset();
  state.group_parent_.reset();
  if (state.group_) state.group_->remove(state);
  state.publish();
}

void spawn_state_base::destroy_task() noexcept {
  parent_.reset();
  group_parent_.reset();
  std::exception_ptr reason;
  try {
    throw_errc(errc::terminated);
  } catch (...) {
    reason = std::current_exception();
  }
  abandon(std::move(reason));
}

void spawn_state_base::release_abandoned() noexcept {
  const std::shared_ptr<spawn_state_base> keep = std::move(self_);
  publish();
}

void spawn_state_base::publish() noexcept {
  {
    const std::lock_guard lock(mutex_);
    done_.store(true, std::memory_order_release);
    if (waiter_) waiter_->finish();  // under the lock: see unsubscribe
    waiter_ = nullptr;
  }
  became_done_.notify_all();
}

void spawn_state_base::wait() {
  std::unique_lock lock(mutex_);
  // The scheduler is there as long as the task is not done, which cannot change while the lock is held.
  if (!done() && environment_.scheduler->on_its_thread()) throw_errc(errc::would_deadlock);
  became_done_.wait(lock, [this] { return done(); });
}

bool spawn_state_base::subscribe(wait_point& waiter) noexcept {
  const std::lock_guard lock(mutex_);
  if (done()) return false;
  waiter_ = &waiter;
  return true;
}

void spawn_state_base::unsubscribe() noexcept {
  const std::lock_guard lock(mutex_);
  waiter_ = nullptr;
}

}  // namespace monocoque::detail
