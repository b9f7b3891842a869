#include "engine/event_queue.hpp"

#include "engine/context_core.hpp"
#include "engine/deadline.hpp"
#include "engine/event_waiter.hpp"
#include "io/fork_count.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace monocoque::engine {
namespace {

/// So far back it is looked for one to add to: as many peers may be noisy at a time.
constexpr std::size_t longest_look_back = 64;

bool comes_often(event_kind kind) noexcept {
  using enum event_kind;
  return kind == high_water_reached || kind == high_water_left || kind == dropped;
}

bool is_like(const event& one, const event& other) noexcept {
  return one.kind == other.kind && one.why == other.why && one.sending == other.sending &&
         one.peer == other.peer && one.peer_address == other.peer_address && one.endpoint == other.endpoint;
}

}  // namespace

event_queue::event_queue(std::weak_ptr<context_core> of)
    : context_(std::move(of)), made_in_(io::fork_count()) {
  events_.reserve(always_room);
}

/// In a child process, where another thread may have left the queue half changed.
bool event_queue::is_foreign() const noexcept { return made_in_ != io::fork_count(); }

/// Never across an event of another kind, so that the order of what happened stays true.
bool event_queue::add_up(const event& happened) noexcept {
  const std::size_t end = events_.size() - std::min(events_.size(), longest_look_back);
  for (std::size_t i = events_.size(); i-- > end;) {
    event& older = events_[i];
    if (!comes_often(older.kind)) return false;
    if (!is_like(older, happened)) continue;
    older.count += happened.count;
    older.when = happened.when;
    return true;
  }
  return false;
}

bool event_queue::push(const event& happened) noexcept {
  try {
    return push(event(happened));
  } catch (const std::bad_alloc&) {
    note_missed();
    return false;
  }
}

bool event_queue::push(event&& happened) noexcept {
  const std::lock_guard lock(mutex_);
  if (comes_often(happened.kind) && missed_ == 0 && add_up(happened)) return true;
  try {
    add(std::move(happened));
  } catch (const std::bad_alloc&) {
    ++missed_;
    return false;
  }
  changed_.notify_one();
  wake_all();
  return true;
}

void event_queue::add(event&& happened) {
  events_.push_back(std::move(happened));
  events_.back().missed += std::exchange(missed_, 0);
  if (events_.size() <= capacity) return;
  const std::uint64_t lost = events_.front().missed + 1;
  events_.pop_front();
  events_.front().missed += lost;
}

void event_queue::note_missed() noexcept {
  const std::lock_guard lock(mutex_);
  ++missed_;
}

void event_queue::finish() noexcept {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
  wake_all();
}

/// All, as waiting just for one would lose the event's wake-up if that one is being cancelled.
void event_queue::wake_all() noexcept {
  while (!waiting_.empty()) waiting_.pop_front().wake();
  if (listener_keeps_) listener_();
}

void event_queue::listen(io::callback<> hear, std::shared_ptr<void> keep) {
  const std::lock_guard lock(mutex_);
  listener_ = hear;
  listener_keeps_ = std::move(keep);
  if (!events_.empty() || finished_) listener_();
}

void event_queue::stop_listening() noexcept {
  std::shared_ptr<void> last_reference;
  const std::lock_guard lock(mutex_);
  last_reference = std::move(listener_keeps_);
}

bool event_queue::is_over() noexcept {
  const std::lock_guard lock(mutex_);
  return finished_ && events_.empty();
}

event event_queue::pop() noexcept {
  event taken = std::move(events_.front());
  events_.pop_front();
  return taken;
}

result<event> event_queue::take(std::chrono::milliseconds timeout, const std::stop_token& stop) {
  result<event> taken(errc::internal);
  std::shared_ptr<context_core> context = context_.lock();
  if (is_foreign()) {
    taken = errc::forked;
  } else if (!context) {
    taken = sleep(deadline_after(timeout), stop);  // it is over: what has happened is all there is
  } else if (context->is_inline()) {
    taken = drive(*context, context->deadline_after(timeout), stop);
  } else if (std::optional<result<event>> there = take_or_join(nullptr)) {
    taken = *std::move(there);
  } else if (context->on_loop_thread()) {
    taken = error(make_error_code(errc::would_deadlock), "in a coroutine, await the asynchronous call");
  } else {
    const auto deadline = context->deadline_after(timeout);
    context.reset();  // its end does not wait for this thread
    taken = sleep(deadline, stop);
  }
  if (!taken) taken = std::move(taken).error().with_doing("receive an event");
  return taken;
}

result<event> event_queue::sleep(std::chrono::steady_clock::time_point deadline,
                                 const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return finished_ || !events_.empty(); };
  if (deadline == std::chrono::steady_clock::time_point::max()) {
    changed_.wait(lock, stop, ready);
  } else {
    changed_.wait_until(lock, stop, deadline, ready);
  }
  if (!events_.empty()) return pop();
  if (finished_) return errc::closed;
  return stop.stop_requested() ? errc::cancelled : errc::timed_out;
}

result<event> event_queue::drive(context_core& context, std::chrono::steady_clock::time_point deadline,
                                 const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [&context] { context.main_loop().wake(); });
  for (;;) {
    if (auto there = take_or_join(nullptr)) return *std::move(there);
    if (stop.stop_requested()) return errc::cancelled;
    if (deadline != std::chrono::steady_clock::time_point::max() && context.now() >= deadline)
      return errc::timed_out;
    if (const auto ticked = context.tick(deadline); !ticked) return ticked.error();
  }
}

std::optional<event> event_queue::try_take() {
  if (is_foreign()) throw exception(errc::forked);
  const std::lock_guard lock(mutex_);
  if (events_.empty()) return std::nullopt;
  return pop();
}

std::optional<result<event>> event_queue::take_or_join(event_waiter* joining) noexcept {
  if (is_foreign()) return result<event>(errc::forked);
  const std::lock_guard lock(mutex_);
  if (!events_.empty()) return result<event>(pop());
  if (finished_) return result<event>(errc::closed);
  if (joining != nullptr) waiting_.push_back(*joining);
  return std::nullopt;
}

bool event_queue::leave(event_waiter& leaving) noexcept {
  if (is_foreign()) return false;
  const std::lock_guard lock(mutex_);
  if (!leaving.linked()) return false;
  leaving.unlink();
  return true;
}

}  // namespace monocoque::engine
