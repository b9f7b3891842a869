#pragma once

#include "engine/context_core.hpp"
#include "engine/socket_core.hpp"
#include "engine/waiters.hpp"
#include "io/poll_set.hpp"
#include "io/stream.hpp"

#include <monocoque/poller.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <optional>

namespace monocoque {

/// What a poller waits for. Shared by the poller and whatever of an asynchronous wait is still queued in the
/// loop.
///
/// A blocking wait sleeps on `descriptors_`, which a socket that becomes ready signals. An asynchronous one
/// (`change`) is resumed by `work`, which that posts; the work may run late, after its wait has gone, and
/// then does nothing.
struct poller::state final : std::enable_shared_from_this<poller::state>, private detail::work {
  class change;

  explicit state(std::shared_ptr<engine::context_core> owner);

  void set(const socket& watched, readiness wanted);
  void set(int fd, readiness wanted);
  void remove(const socket& watched);
  void remove(int fd);
  /// What is ready now. Throws errc::terminated or errc::closed if a socket is over.
  [[nodiscard]] std::vector<item> collect();
  /// An inline context's I/O is done by whoever waits.
  void drive_if_inline();
  /// Blocks until something may have changed.
  void block(detail::time_point deadline);
  [[nodiscard]] const engine::context_core& context() const noexcept { return *context_; }
  /// Ends a blocking wait. Any thread.
  void signal() noexcept;

 private:
  struct watched_socket {
    watched_socket(state& owner, const socket& which);
    ~watched_socket() { leave(); }
    watched_socket(const watched_socket&) = delete;
    watched_socket& operator=(const watched_socket&) = delete;
    bool join();  // false if it is ready
    void leave();

    const socket* which;
    std::shared_ptr<engine::socket_core> core;
    readiness wanted = readiness::none;
    engine::waiter reader;
    engine::waiter writer;
  };

  void run_loop();
  bool join_all();
  void leave_all();
  void on_socket_ready() noexcept;
  void on_descriptors(io::fd_watch::outcome& ready) noexcept;
  void wake() noexcept;
  void run_work() noexcept;

  std::shared_ptr<engine::context_core> context_;
  std::unique_ptr<io::poll_set> descriptors_;
  std::list<watched_socket> sockets_;
  std::vector<int> fds_;
  bool asynchronous_ = false;  // which kind of wait is under way
  io::fd_watch watch_;         // of descriptors_; may stay pending after its wait
  std::shared_ptr<state> watch_keeps_;
  std::atomic<bool> posted_{false};
  std::shared_ptr<state> work_keeps_;
  change* waiting_ = nullptr;
};

/// One suspension of an asynchronous wait: until a socket, a descriptor, the deadline or a request to stop
/// wakes it. On the context's main loop.
class poller::state::change final : private detail::timer {
 public:
  change(std::shared_ptr<state> owner, detail::time_point deadline);
  change(const change&) = delete;
  change& operator=(const change&) = delete;
  ~change() { settle(); }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) {
    return suspend(coroutine, coroutine.promise().environment().stop);
  }
  void await_resume() const {
    if (refused_) throw exception(error(refused_).with_doing("poll"));
  }

 private:
  friend struct poller::state;
  struct request_stop {
    state* owner;
    void operator()() const noexcept { owner->wake(); }
  };
  bool suspend(std::coroutine_handle<> coroutine, const std::stop_token& stop);
  void settle();

  std::shared_ptr<state> owner_;
  detail::time_point deadline_;
  std::coroutine_handle<> coroutine_;
  error refused_;
  std::optional<std::stop_callback<request_stop>> stop_callback_;
};

}  // namespace monocoque
