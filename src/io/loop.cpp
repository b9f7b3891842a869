#include "io/loop.hpp"

#include "io/driver.hpp"
#include "io/nested_descriptor.hpp"
#include "io/spin_budget.hpp"
#include "io/timer_heap.hpp"
#include "io/unhurried_work.hpp"
#include "io/work_queue.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace monocoque::io {

namespace {

/// A number for each thread that is never used again, unlike a thread id.
std::uint64_t number_of_this_thread() noexcept {
  static std::atomic<std::uint64_t> last{0};
  thread_local std::uint64_t own = 0;
  if (own == 0) own = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return own;
}

struct posted_job : work {
  explicit posted_job(std::function<void()> to_run) : job(std::move(to_run)) {
    run = &posted_job::run_and_delete;
  }
  static void run_and_delete(work& self) noexcept {
    const std::unique_ptr<posted_job> owned(static_cast<posted_job*>(&self));
    owned->job();
  }
  std::function<void()> job;
};

constexpr int max_ticks_of_one_poll = 16;

}  // namespace

/// Frees what `post(std::function)` allocated and lets go of what kept work keeps; other work is its owner's.
void loop::drop_chain(work* item) noexcept {
  while (item != nullptr) {
    work* following = item->next;
    if (item->run == &posted_job::run_and_delete) {
      delete static_cast<posted_job*>(item);
    } else if (item->run == &kept_work::run_and_let_go) {
      const std::shared_ptr<void> dropped = static_cast<kept_work*>(item)->take_off();
    }
    item = following;
  }
}

// Sleeping. A thread that posts work (or sets `woken`) and then finds `sleeping` false makes no system call;
// the loop, before it waits, sets `sleeping` and then looks for work. All four accesses are sequentially
// consistent, so they have one order in which either the loop's look comes after the post, and it does not
// wait, or the other thread's look comes after `sleeping` was set, and it wakes the loop. Whoever wakes takes
// `sleeping` away, so that a burst of posts costs one system call. Operations rather than fences, since
// ThreadSanitizer understands those.
struct loop::state {
  alignas(64) std::atomic<bool> sleeping{false};
  std::atomic<bool> woken{false};       // wake() was called and no tick has returned since
  std::atomic<bool> closed{false};      // nothing is run any more
  std::atomic<bool> unattended{false};  // no thread runs the loop; `sleeping` is set as well
  callback<> attend;
  work_inbox inbox;
  unhurried_work unhurried;

  alignas(64) std::atomic<std::uint64_t> thread{0};  // the one that runs the loop, or ran it last
  work_list local;                                   // posted by that thread
  work_list deferred;
  timer_heap timers;
  spin_budget spinning{std::chrono::nanoseconds::zero()};
  std::unique_ptr<nested_descriptor> nested;
};

loop::loop(std::unique_ptr<driver> driver_to_use, std::shared_ptr<base::slab_pool> slabs)
    : slabs_(std::move(slabs)),
      driver_(std::move(driver_to_use)),
      state_(std::make_unique<state>()),
      now_(driver_->now()) {}

loop::~loop() {
  drop_chain(state_->local.take_all());
  drop_chain(state_->inbox.take_all());
  drop_chain(state_->unhurried.take_all());
}

result<std::unique_ptr<loop>> loop::create(const loop_options& options) {
  auto slabs = base::slab_pool::make();
  auto made = make_driver(options, slabs);
  if (!made) return std::move(made).error();
  auto ready = with_driver(*std::move(made), std::move(slabs));
  ready->state_->spinning = spin_budget(options.spin);
  return ready;
}

std::unique_ptr<loop> loop::with_driver(std::unique_ptr<driver> driver_to_use,
                                        std::shared_ptr<base::slab_pool> slabs) {
  return std::unique_ptr<loop>(new loop(std::move(driver_to_use), std::move(slabs)));
}

bool loop::interrupted() const noexcept { return driver_->interrupted(); }

driver_kind loop::driver_in_use() const noexcept { return driver_->kind(); }

std::size_t loop::run_posted() noexcept {
  work* others = state_->inbox.take_all();  // both taken first: what they post in turn is for the next tick
  work* own = state_->local.take_all();
  return run_chain(own) + run_chain(others);
}

std::size_t loop::tick(time_point until, unhurried rest) {
  state& my = *state_;
  std::size_t done = run_posted();
  done += run_chain(my.deferred.take_all());
  if (rest == unhurried::now || my.unhurried.look(now_)) done += run_chain(my.unhurried.take_all());

  time_point deadline = std::min(until, my.timers.next());
  if (done > 0 || !my.local.empty() || !my.deferred.empty()) deadline = time_point::min();
  const bool may_spin = rest == unhurried::now && deadline > now_;
  const bool found = may_spin && spin(deadline);  // which has looked at the driver just now
  if (!found) wait(deadline, may_spin, rest);
  // An exchange and not a store: it makes visible here what the waking thread did before it called wake().
  if (my.woken.load(std::memory_order_relaxed)) my.woken.exchange(false, std::memory_order_acq_rel);
  const std::size_t delivered = driver_->deliver();
  brought_something_ = delivered > 0;
  done += delivered;
  done += my.timers.fire_due(now_);
  done += run_chain(my.deferred.take_all());
  return done;
}

/// Until there is something to deliver.
void loop::wait(time_point deadline, bool may_sleep, unhurried rest) {
  state& my = *state_;
  if (deadline != time_point::min()) {
    my.sleeping.store(true, std::memory_order_seq_cst);
    if (rest == unhurried::now) my.unhurried.go_off_watch();  // a guest sleeps for as long as it must
    if (!my.unhurried.empty() || (rest == unhurried::when_due && my.unhurried.on_watch()))
      deadline = std::min(deadline, driver_->now() + unhurried_work::interval);
    if (!my.inbox.empty() || my.woken.load(std::memory_order_seq_cst)) deadline = time_point::min();
  }
  const bool sleeps = may_sleep && deadline != time_point::min();
  const time_point asleep_since = sleeps ? driver_->now() : time_point{};
  driver_->wait(deadline);
  my.sleeping.store(false, std::memory_order_relaxed);
  now_ = driver_->now();
  if (sleeps) my.spinning.slept(now_ - asleep_since);
}

/// Looks for something to do for as long as that is likely to pay; true if there is something.
bool loop::spin(time_point deadline) noexcept {
  state& my = *state_;
  const auto budget = my.spinning.next();
  if (budget <= std::chrono::nanoseconds::zero()) return false;
  now_ = driver_->now();
  const time_point end = std::min(deadline, now_ + budget);
  bool found = false;
  while (!found && now_ < end) {
    driver_->wait(time_point::min());
    found = has_something_to_do();
    if (!found) std::this_thread::yield();  // to whoever is to make it happen, perhaps on this very core
    now_ = driver_->now();
  }
  my.spinning.spun(found || now_ >= deadline);
  return found;
}

std::size_t loop::run_once_on_watch() {
  take_over();
  return tick(time_point::max(), unhurried::when_due);
}

std::size_t loop::run_once(time_point until) {
  take_over();
  const std::size_t done = tick(until);
  if (state_->nested) prepare_for_foreign_loop();
  return done;
}

/// The calling thread runs the loop from now on.
void loop::take_over() noexcept {
  state_->thread.store(number_of_this_thread(), std::memory_order_relaxed);
  if (state_->unattended.load(std::memory_order_relaxed)) {
    state_->unattended.store(false, std::memory_order_seq_cst);
    state_->sleeping.store(false, std::memory_order_seq_cst);
  }
}

std::size_t loop::poll() {
  state_->thread.store(number_of_this_thread(), std::memory_order_relaxed);
  std::size_t done = 0;
  for (int ticks = 0; ticks < max_ticks_of_one_poll; ++ticks) {
    const std::size_t now_done = tick(time_point::min());
    done += now_done;
    if (now_done == 0 && driver_->idle()) break;
    if (brought_something_ && !state_->nested && driver_->idle())
      break;  // what was started may go on at once
  }
  if (state_->nested) prepare_for_foreign_loop();
  return done;
}

result<int> loop::fd() {
  if (!state_->nested) {
    auto made = nested_descriptor::make();
    if (!made) return std::move(made).error();
    if (auto announced = driver_->announce_to((*made)->fd()); !announced) return std::move(announced).error();
    state_->nested = *std::move(made);
    prepare_for_foreign_loop();
  }
  return state_->nested->fd();
}

/// What the loop would not wait for. Looked at after `sleeping` was set.
bool loop::has_something_to_do() const noexcept {
  const state& my = *state_;
  const bool unwatched = !my.unhurried.empty() && !my.unhurried.on_watch();
  return unwatched || !my.inbox.empty() || my.woken.load(std::memory_order_seq_cst) || !my.local.empty() ||
         !my.deferred.empty() || !driver_->idle();
}

/// Between two polls the other loop waits for us: that is sleeping too.
void loop::prepare_for_foreign_loop() noexcept {
  state& my = *state_;
  my.nested->arm(my.timers.next());
  my.sleeping.store(true, std::memory_order_seq_cst);
  if (has_something_to_do()) rouse();
}

void loop::post(work& item) noexcept {
  state& my = *state_;
  if (on_its_thread()) {
    my.local.push(item);
    announce_own_work();
    return;
  }
  my.inbox.push(item);
  rouse();
}

void loop::post_lazily(work& item) noexcept {
  state& my = *state_;
  if (on_its_thread()) return post(item);
  my.inbox.push(item);
  if (!my.unattended.load(std::memory_order_seq_cst)) rouse();
}

void loop::post_unhurried(work& item) noexcept {
  if (on_its_thread()) return post(item);
  if (state_->unhurried.push(item)) rouse();
}

void loop::note_progress() noexcept { state_->unhurried.note_progress(); }

loop::outlook loop::look_ahead() noexcept {
  unhurried_work& rest = state_->unhurried;
  const bool due = rest.look(driver_->now());
  return {due || (!rest.empty() && !rest.on_watch()), rest.on_watch()};
}

void loop::rouse() noexcept {
  state& my = *state_;
  if (!my.sleeping.load(std::memory_order_seq_cst) || !my.sleeping.exchange(false, std::memory_order_seq_cst))
    return;
  if (my.unattended.load(std::memory_order_seq_cst)) {
    my.attend();
  } else {
    driver_->wake();
  }
}

bool loop::leave() noexcept {
  state& my = *state_;
  my.thread.store(0, std::memory_order_relaxed);
  my.unattended.store(true, std::memory_order_seq_cst);
  my.sleeping.store(true, std::memory_order_seq_cst);
  return !has_something_to_do();
}

void loop::call_when_unattended(callback<> call) noexcept { state_->attend = call; }

void loop::post(kept_work& item, std::shared_ptr<void> owner) noexcept {
  if (state_->closed.load(std::memory_order_acquire)) return;
  if (item.queued_.exchange(true, std::memory_order_acq_rel)) return;
  item.owner_ = std::move(owner);
  post(static_cast<work&>(item));
}

void loop::post(std::function<void()> job) {
  if (state_->closed.load(std::memory_order_acquire)) return;
  post(*new posted_job(std::move(job)));
}

void loop::close_posts() noexcept {
  state_->closed.store(true, std::memory_order_release);
  drop_chain(state_->local.take_all());
  drop_chain(state_->inbox.take_all());
  drop_chain(state_->unhurried.take_all());
}

void loop::defer(work& item) noexcept {
  state_->deferred.push(item);
  announce_own_work();
}

/// A foreign loop that sleeps on `fd()` does not see what its own thread queues here between two polls.
void loop::announce_own_work() noexcept {
  if (state_->nested) rouse();
}

void loop::wake() noexcept {
  state_->woken.store(true, std::memory_order_seq_cst);
  rouse();
}

bool loop::on_its_thread() const noexcept {
  return state_->thread.load(std::memory_order_relaxed) == number_of_this_thread();
}

bool loop::belongs_to_another_thread() const noexcept {
  const std::uint64_t owner = state_->thread.load(std::memory_order_relaxed);
  return owner != 0 && owner != number_of_this_thread();
}

void loop::change_hands() noexcept { state_->thread.store(0, std::memory_order_relaxed); }

time_point loop::read_clock() const noexcept { return driver_->now(); }

void loop::start(timer& alarm, time_point when) noexcept {
  state_->timers.start(alarm, std::max(when, now_));
}

void loop::stop(timer& alarm) noexcept { state_->timers.stop(alarm); }

}  // namespace monocoque::io
