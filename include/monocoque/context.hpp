#pragma once

#include <monocoque/detail/task_group.hpp>
#include <monocoque/options.hpp>
#include <monocoque/result.hpp>
#include <monocoque/stats.hpp>
#include <monocoque/task.hpp>

#include <chrono>
#include <memory>
#include <stop_token>
#include <utility>

#pragma GCC visibility push(default)

namespace monocoque {

namespace engine {
class context_core;
}

struct inline_loop_tag {
  explicit inline_loop_tag() = default;
};
/// Makes a context whose loop runs on the application's own thread.
inline constexpr inline_loop_tag inline_loop{};

/// Owns the event loop (or loops) that all its sockets run on.
///
/// *Threaded* (the default): I/O threads do the work; sockets may be used from any thread, by blocking calls
/// or from coroutines, which run on the first I/O thread. *Inline*: nothing happens but inside `run`, `poll`
/// or a blocking call, on the thread that calls them; no lock, no hand-over between threads; everything of
/// such a context belongs to that thread.
///
/// The context must outlive its sockets' use, not their objects: after it is gone their calls fail with
/// errc::terminated. Its destructor shuts everything down: waiting calls end with errc::terminated,
/// coroutines started by `spawn` are asked to stop and waited for, sockets are closed, each with its linger
/// time.
class context {
 public:
  /// Throws monocoque::exception if the options are wrong or the system refuses.
  explicit context(context_options options = {});
  explicit context(inline_loop_tag, context_options options = {});
  /// For the library, and the simulator of its tests.
  explicit context(std::shared_ptr<engine::context_core> core);
  ~context();
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  [[nodiscard]] bool is_inline() const noexcept;
  /// The driver in use: what was asked for, or what the probe chose.
  [[nodiscard]] io_driver driver() const noexcept;

  /// What its sockets have done and hold; see socket::stats. Inline contexts: on the loop's thread.
  [[nodiscard]] context_stats stats() const;

  /// Runs `work` to its end and returns its result (or throws what it threw). Inline: drives the loop on this
  /// thread. Threaded: the coroutine runs on the first I/O thread while this one waits; not from that thread
  /// itself.
  template <class T>
  T run(task<T> work, std::stop_token stop = {}) {
    join_handle<T> started = spawn(std::move(work), std::move(stop));
    drive_until([](const void* handle) { return static_cast<const join_handle<T>*>(handle)->done(); },
                &started);
    return started.join();
  }

  /// Starts `work` on the loop's thread. Thread-safe with a threaded context.
  template <class T>
  join_handle<T> spawn(task<T> work, std::stop_token stop = {}) {
    return tasks().spawn(std::move(work), std::move(stop));
  }

  /// Inline contexts: does what is ready and returns at once; the number of things done. It may return with
  /// more to be done as soon as something has arrived, so call it until it answers 0, or until you have what
  /// you wait for.
  std::size_t poll();
  /// Inline contexts: does what is ready, waiting at most `timeout` for something; the number of things done.
  std::size_t run_for(std::chrono::milliseconds timeout);
  /// Inline contexts: a descriptor that is readable when `poll()` has something to do, timers included, so
  /// that another event loop can drive this one. Belongs to the context. Call `poll()` once after it was made
  /// and whenever it is readable.
  [[nodiscard]] int fd();

  /// Ends all waiting calls of all sockets with errc::terminated, now and from now on. Thread-safe,
  /// idempotent.
  void shutdown() noexcept;

  /// The loop that coroutines run on.
  [[nodiscard]] detail::scheduler& scheduler() noexcept;
  /// For the library.
  [[nodiscard]] const std::shared_ptr<engine::context_core>& core() const noexcept { return core_; }

 private:
  [[nodiscard]] detail::task_group& tasks();
  void drive_until(bool (*done)(const void*), const void* argument);

  std::shared_ptr<engine::context_core> core_;
};

}  // namespace monocoque

#pragma GCC visibility pop
