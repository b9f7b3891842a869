#include <monocoque/detail/socket_operation.hpp>

#include "engine/operation_state.hpp"
#include "engine/socket_core.hpp"

#include <utility>

namespace monocoque::detail {

namespace {

/// So many operations in a row may succeed at once before one goes through the loop's queue, so that a
/// coroutine that always finds something to do does not keep the loop from its I/O.
constexpr unsigned turns_in_a_row = 512;
thread_local unsigned turns_left = turns_in_a_row;

}  // namespace

socket_operation::socket_operation(std::shared_ptr<engine::socket_core> core, message what,
                                   time_point deadline)
    : core_(std::move(core)),
      direction_(engine::direction::send),
      message_(std::move(what)),
      deadline_(deadline) {}

socket_operation::socket_operation(std::shared_ptr<engine::socket_core> core, time_point deadline)
    : core_(std::move(core)), direction_(engine::direction::receive), deadline_(deadline) {}

socket_operation::~socket_operation() {
  if (state_) engine::operation_state::abandon(std::move(state_));
}

bool socket_operation::await_ready() {
  if (turns_left == 0) return false;
  --turns_left;
  return attempt(nullptr);
}

/// True if the outcome is there; otherwise `joining`, if any, waits now.
bool socket_operation::attempt(engine::waiter* joining) {
  if (direction_ == engine::direction::send) {
    result<void> sent = core_->try_send(message_, joining);
    if (sent) return true;
    failure_ = std::move(sent).error();
  } else {
    result<message> received = core_->try_receive(joining);
    if (received) {
      message_ = *std::move(received);
      failure_ = error();
      return true;
    }
    failure_ = std::move(received).error();
  }
  if (failure_ == errc::would_block) {
    failure_ = error();
    return false;
  }
  return true;
}

bool socket_operation::suspend(std::coroutine_handle<> coroutine, scheduler& home,
                               const std::stop_token& stop) {
  if (stop.stop_requested()) {
    failure_ = errc::cancelled;
    return false;
  }
  state_ = core_->take_operation();
  if (std::exchange(turns_left, turns_in_a_row) == 0) {
    state_->start_later(*this, coroutine, home, stop);
    return true;
  }
  return state_->start(*this, coroutine, home, stop);
}

result<message> socket_operation::take_received() {
  if (failure_.code()) return std::move(failure_);
  return std::move(message_);
}

result<void> socket_operation::take_sent() {
  if (failure_.code()) return std::move(failure_);
  return {};
}

}  // namespace monocoque::detail
