#pragma once

#include "base/slab.hpp"
#include "io/callback.hpp"
#include "io/kept_work.hpp"

#include <monocoque/detail/scheduler.hpp>
#include <monocoque/result.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace monocoque::io {

using detail::time_point;
using detail::timer;
using detail::work;

enum class driver_kind : unsigned char { uring, epoll };
[[nodiscard]] std::string_view name_of(driver_kind kind) noexcept;

class driver;

struct loop_options {
  /// Which driver to use. None: the environment variable MONOCOQUE_IO (uring|epoll; anything else is an
  /// error), or else io_uring where a probe finds it to work, epoll otherwise. A forced driver that cannot be
  /// had is an error.
  std::optional<driver_kind> driver{};
  /// What to use instead of a probe's answer if nobody chose.
  std::optional<driver_kind> otherwise{};
  /// How long a thread that waits here looks for events before it sleeps. None: learnt (spin_budget.hpp).
  std::optional<std::chrono::nanoseconds> spin{};
};

/// The event loop: drives I/O, timers and posted work on one thread. Everything but `post`, `post_lazily`,
/// `post_unhurried`, `note_progress`, `wake`, `driver_in_use` and `on_its_thread` belongs to the thread that
/// runs it. It may be created on one thread and run on another; several may run it in turn, never at once, if
/// `may_change_threads`.
class loop final : public detail::scheduler {
 public:
  [[nodiscard]] static result<std::unique_ptr<loop>> create(const loop_options& options = {});
  /// A loop on a driver of the caller's making, whose reads fill slabs of `slabs`: for tests and simulations.
  [[nodiscard]] static std::unique_ptr<loop> with_driver(std::unique_ptr<driver> driver_to_use,
                                                         std::shared_ptr<base::slab_pool> slabs);
  /// Streams, timers and operations must be idle or gone by now. Work that was posted and has not run never
  /// runs.
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  /// True if the last wait of `run_once` ended because the thread has handled a POSIX signal; on epoll alone.
  [[nodiscard]] bool interrupted() const noexcept;
  [[nodiscard]] driver_kind driver_in_use() const noexcept;

  // -- running
  /// One tick: posted work, deferred work, submit all I/O, wait for a completion, a timer, a wake-up or
  /// `until` (not at all if there is work), completions, timers, deferred work. Returns how many things were
  /// done.
  std::size_t run_once(time_point until = time_point::max());
  /// The same for a thread that does nothing else: leaves unhurried work to its posters as long as they get
  /// on with it, and sleeps no longer than it may meanwhile.
  std::size_t run_once_on_watch();
  /// One tick without waiting. Repeats, a bounded number of times, until the driver brings something, which
  /// somebody may be waiting for, or nothing is ready at once; with a `fd()` always until the latter.
  std::size_t poll();
  /// A descriptor that is readable (level-triggered) when `poll()` has something to do, timers included: for
  /// another event loop. Made on first use; belongs to the loop. The caller must call poll() once after any
  /// call that starts work.
  [[nodiscard]] result<int> fd();

  // -- several threads in turn
  /// False on io_uring: its ring belongs to the thread that runs it first, and what a thread has started
  /// there is cancelled when the thread ends.
  [[nodiscard]] bool may_change_threads() const noexcept { return driver_in_use() == driver_kind::epoll; }
  /// The thread that runs it stops doing so, with no other to follow at once. False if there is something to
  /// be done. From now until the next `run_once`, posting calls what `call_when_unattended` was given.
  [[nodiscard]] bool leave() noexcept;
  /// To be set before the first run. Called on any thread, at most once for each `leave`.
  void call_when_unattended(callback<> call) noexcept;

  // -- work
  void post(work& item) noexcept override;
  /// The same for what may wait until somebody runs the loop anyway.
  void post_lazily(work& item) noexcept;
  /// The same for what the poster itself is likely to do first (unhurried_work.hpp): done at the latest when
  /// no poster has noted progress for unhurried_work::interval, or before the next thread waits here.
  void post_unhurried(work& item) noexcept;
  void note_progress() noexcept;
  /// While nobody runs the loop: whether it must be run for unhurried work, and until when to look again at
  /// the latest. For the thread that will run it.
  struct outlook {
    bool due;
    bool on_watch;
  };
  [[nodiscard]] outlook look_ahead() noexcept;
  /// Unless it is queued already. `owner`: what it is part of.
  void post(kept_work& item, std::shared_ptr<void> owner) noexcept;
  /// The same for a function: allocates.
  void post(std::function<void()> job);
  /// From now on posted functions and kept work are dropped unrun, and those that are queued as well: the
  /// loop runs no more, and what they hold must not wait for it. Loop thread, or when it has ended.
  void close_posts() noexcept;
  /// Runs `item` at the end of this tick, before the loop waits (writes of all links that got bytes). Loop
  /// thread only.
  void defer(work& item) noexcept;
  /// Makes a waiting run_once return. Thread-safe, async-signal-safe, never blocks.
  void wake() noexcept;
  [[nodiscard]] bool on_its_thread() const noexcept override;
  /// True if a thread has run it, and that was not this one. Any thread.
  [[nodiscard]] bool belongs_to_another_thread() const noexcept;
  /// It belongs to nobody, and then to who runs it next: only if it may change threads, and nobody runs it.
  void change_hands() noexcept;

  // -- time
  [[nodiscard]] time_point now() const noexcept override { return now_; }
  /// The driver's clock, read now. Any thread.
  [[nodiscard]] time_point read_clock() const noexcept;
  void start(timer& alarm, time_point when) noexcept override;
  void stop(timer& alarm) noexcept override;

  // -- for the rooms above and the operations of this room
  [[nodiscard]] base::slab_pool& slabs() noexcept { return *slabs_; }
  [[nodiscard]] driver& active_driver() noexcept { return *driver_; }

 private:
  loop(std::unique_ptr<driver> driver_to_use, std::shared_ptr<base::slab_pool> slabs);
  enum class unhurried : bool { now, when_due };
  std::size_t tick(time_point until, unhurried rest = unhurried::now);
  static void drop_chain(work* item) noexcept;
  void take_over() noexcept;
  void wait(time_point deadline, bool may_sleep, unhurried rest);
  bool spin(time_point deadline) noexcept;
  std::size_t run_posted() noexcept;
  void prepare_for_foreign_loop() noexcept;
  void announce_own_work() noexcept;
  void rouse() noexcept;
  [[nodiscard]] bool has_something_to_do() const noexcept;
  struct state;

  std::shared_ptr<base::slab_pool> slabs_;
  std::unique_ptr<driver> driver_;
  std::unique_ptr<state> state_;
  time_point now_{};
  bool brought_something_ = false;  // the driver, in the last tick
};

}  // namespace monocoque::io
