#include <monocoque/detail/task_group.hpp>

#include <utility>

namespace monocoque::detail {

bool task_group::empty() const noexcept {
  const std::lock_guard lock(mutex_);
  return first_ == nullptr;
}

bool task_group::add(spawn_state_base& state) noexcept {
  const std::lock_guard lock(mutex_);
  if (abandoned_) return false;
  state.after_ = first_;
  if (first_) first_->before_ = &state;
  first_ = &state;
  return true;
}

void task_group::remove(spawn_state_base& state) noexcept {
  const std::lock_guard lock(mutex_);
  if (state.before_) state.before_->after_ = state.after_;
  if (state.after_) state.after_->before_ = state.before_;
  if (first_ == &state) first_ = state.after_;
  state.before_ = state.after_ = nullptr;
}

void task_group::abandon() noexcept {
  spawn_state_base* left = nullptr;
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    left = std::exchange(first_, nullptr);
  }
  for (spawn_state_base* state = left; state; state = state->after_) state->destroy_task();
  while (left) {
    spawn_state_base* const next = left->after_;
    left->release_abandoned();
    left = next;
  }
}

}  // namespace monocoque::detail
