#include <monocoque/detail/socket_operation.hpp>

#include "engine/context_core.hpp"
#include "engine/operation_state.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/socket_core.hpp"

#include <utility>

namespace monocoque::detail {

namespace {

/// A coroutine that always finds something to do goes through the loop's queue from time to time, so that it
/// does not keep the loop from its I/O: after so many messages that were sent one by one, or a quarter as
/// many operations that may each have opened a lane for more. A tick shall have many messages for each of
/// many peers, or the system calls cost more than all else.
constexpr unsigned turns_in_a_row = 8192;
constexpr unsigned turns_of_a_lane = 4;
thread_local unsigned turns_left = turns_in_a_row;

/// Or, over inproc to another coroutine of this thread, after so many bytes: what waits to be received shall
/// still be in the processor's caches then.
constexpr std::size_t handed_over_in_a_row = std::size_t{256} * 1024;
thread_local std::size_t handed_over = 0;

bool take_turns(unsigned count) noexcept {
  if (turns_left < count) return false;
  turns_left -= count;
  return true;
}

std::size_t size_of(std::span<const frame_view> frames) noexcept {
  std::size_t size = 0;
  for (const frame_view& frame : frames) size += frame.size();
  return size;
}

}  // namespace

void pending_operation::abandon() noexcept {
  engine::operation_state::abandon(std::unique_ptr<engine::operation_state>(std::exchange(state_, nullptr)));
}

/// True if the outcome is there; otherwise `joining`, if any, waits now.
bool pending_operation::attempt(engine::waiter* joining) {
  if (done_) return true;
  engine::attempt_code tried{};
  if (direction_ == engine::direction::receive) {
    tried = core_.try_receive(message_, joining);
  } else {
    tried = payload_ ? core_.try_send(*payload_, joining) : core_.try_send(message_, joining);
  }
  return tried == engine::succeeded || settle(tried);
}

/// The same where nobody could catch what it throws.
bool pending_operation::attempt_or_fail(engine::waiter* joining) noexcept {
  try {
    return attempt(joining);
  } catch (const std::bad_alloc&) {
    failure_ = engine::out_of_memory();
    return true;
  }
}

/// Apart, so that what succeeds at once does not carry the making of errors along.
[[gnu::cold, gnu::noinline]] bool pending_operation::settle(errc failed) {
  if (failed == errc::would_block) return false;
  failure_ = complaint(failed);
  return true;
}

error pending_operation::complaint(const error& failed) {
  return core_.complaint(direction_, failed, payload_ ? *payload_ : message_.span(0));
}

void pending_operation::throw_failure() { throw exception(complaint(failure_)); }

bool pending_operation::suspend(std::coroutine_handle<> coroutine, scheduler& home,
                                const std::stop_token& stop) {
  if (stop.stop_requested() && !done_) {
    failure_ = errc::cancelled;
    return false;
  }
  state_ = core_.take_operation().release();
  const bool turn_is_over = std::exchange(turns_left, turns_in_a_row) < turns_of_a_lane;
  handed_over = 0;
  if (done_ && core_.is_inline() && core_.expects_relief()) {
    state_->start_paced(*this, coroutine, home, stop);
    return true;
  }
  if (turn_is_over) {
    state_->start_later(*this, coroutine, home, stop);
    return true;
  }
  return state_->start(*this, coroutine, home, stop);
}

bool socket_operation::send_now(message& what) {
  const std::size_t size = core_.may_have_own_peers() ? what.byte_count() : 0;
  const engine::attempt_code tried = core_.try_send(what);
  if (tried == engine::succeeded) return may_go_on(size);
  pending_.emplace(core_, std::move(what));
  return pending_->settle(tried);
}

bool socket_operation::send_now(std::span<const std::byte> payload) {
  const engine::attempt_code tried = core_.try_send(payload);
  if (tried == engine::succeeded) return may_go_on(payload.size());
  pending_.emplace(core_, payload);
  return pending_->settle(tried);
}

bool socket_operation::send_now(std::span<const frame_view> frames) {
  const engine::attempt_code tried = core_.try_send(frames);
  if (tried == engine::succeeded) return may_go_on(size_of(frames));
  pending_.emplace(core_, message::of(frames));
  return pending_->settle(tried);
}

bool socket_operation::send_adopted_now(std::string&& payload) {
  message adopted(std::move(payload));
  return send_now(adopted);
}

bool socket_operation::send_in_place_now(std::size_t size, const payload_writer& fill) {
  return core_.try_send_in_place(size, fill);
}

bool socket_operation::send_in_place_now(std::span<const std::size_t> sizes, const frames_writer& fill) {
  return core_.try_send_in_place(sizes, fill);
}

/// A sender that still may queue messages while the kernel takes no more keeps pace with it
/// (socket_pace.cpp).
bool socket_operation::may_go_on(std::size_t size) {
  if (core_.is_inline() && core_.is_congested()) turns_left = 0;
  if (core_.may_have_own_peers()) {
    handed_over += size;
    if (handed_over >= handed_over_in_a_row) turns_left = 0;
  }
  if (take_turns(lanes_.out.is_open() ? turns_of_a_lane : 1)) return true;
  pending_.emplace(core_);
  return false;
}

void socket_operation::hand_over(message& into) {
  if (pending_->failure()) pending_->throw_failure();
  into = std::move(pending_->what());
}

bool socket_operation::receive_now(std::optional<std::chrono::milliseconds> timeout) {
  pending_.emplace(core_, timeout);
  return take_turns(turns_of_a_lane) && pending_->attempt(nullptr);
}

}  // namespace monocoque::detail
