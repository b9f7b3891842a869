#include <monocoque/detail/socket_operation.hpp>

#include "engine/operation_state.hpp"
#include "engine/socket_core.hpp"

#include <utility>

namespace monocoque::detail {

namespace {

/// So many operations in a row may succeed at once before one goes through the loop's queue, so that a
/// coroutine that always finds something to do does not keep the loop from its I/O.
constexpr unsigned turns_in_a_row = 2048;
thread_local unsigned turns_left = turns_in_a_row;

}  // namespace

void socket_operation::abandon() noexcept {
  engine::operation_state::abandon(std::unique_ptr<engine::operation_state>(std::exchange(state_, nullptr)));
}

bool socket_operation::is_ready() {
  has_outcome_ = true;  // there will be one, here or in `message_` later
  if (turns_left == 0) return false;
  --turns_left;
  return attempt(nullptr);
}

/// True if the outcome is there; otherwise `joining`, if any, waits now.
bool socket_operation::attempt(engine::waiter* joining) {
  const engine::attempt_code tried = direction_ == engine::direction::send
                                         ? core_.try_send(message_, joining)
                                         : core_.try_receive(message_, joining);
  return tried == engine::succeeded || settle(tried);
}

/// Apart, so that what succeeds at once does not carry the making of errors along.
[[gnu::cold, gnu::noinline]] bool socket_operation::settle(errc failed) {
  if (failed == errc::would_block) return false;
  failure_ = failed;
  return true;
}

bool socket_operation::suspend(std::coroutine_handle<> coroutine, scheduler& home,
                               const std::stop_token& stop) {
  if (stop.stop_requested()) {
    failure_ = errc::cancelled;
    return false;
  }
  state_ = core_.take_operation().release();
  if (std::exchange(turns_left, turns_in_a_row) == 0) {
    state_->start_later(*this, coroutine, home, stop);
    return true;
  }
  return state_->start(*this, coroutine, home, stop);
}

}  // namespace monocoque::detail
