#pragma once

#include "engine/event_log.hpp"
#include "engine/inproc_registry.hpp"
#include "engine/loop_lease.hpp"
#include "io/loop.hpp"
#include "io/thread_settings.hpp"
#include "io/worker.hpp"
#include "transport/network.hpp"

#include <monocoque/detail/task_group.hpp>
#include <monocoque/options.hpp>
#include <monocoque/result.hpp>
#include <monocoque/stats.hpp>
#include <monocoque/task.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace monocoque::engine {

class socket_core;
class zap_client;

/// Whose behaviour sockets show where libzmq's differs from the RFCs, or from what we think is better: of a
/// program that was written for libzmq, libzmq's. What that is in each case says who asks.
enum class manners : std::uint8_t { own, of_libzmq };

/// What a context stands on besides its loops.
struct context_ground {
  std::shared_ptr<transport::network> network = transport::system_network();
  /// Of all that is random here, so that it happens again in the same way; 0: unforeseeable.
  std::uint64_t seed = 0;
  manners behaviour = manners::own;
};

/// The loops, their threads and the sockets of a context. Shared by the public context object and by its
/// sockets, so that sockets outlive the context object harmlessly. Thread-safe but for what the public
/// `context` says of inline ones.
class context_core : public std::enable_shared_from_this<context_core> {
 public:
  [[nodiscard]] static result<std::shared_ptr<context_core>> make(bool inline_mode,
                                                                  const context_options& options,
                                                                  context_ground below = {});
  context_core(bool inline_mode, std::vector<std::unique_ptr<io::loop>> loops, const context_options& options,
               context_ground below = {});
  ~context_core();

  [[nodiscard]] bool is_inline() const noexcept { return inline_; }
  [[nodiscard]] io::loop& main_loop() noexcept { return *loops_.front(); }
  [[nodiscard]] bool behaves_as_libzmq() const noexcept { return behaviour_ == manners::of_libzmq; }
  /// The loop that the next endpoint or connection is to live on, one of those in `affinity`: a bit each, and
  /// no bit, or none of a loop that there is: any.
  [[nodiscard]] io::loop& next_loop(std::uint64_t affinity = 0) noexcept;
  /// True if there is a loop of these, or none is asked for.
  [[nodiscard]] bool has_loop(std::uint64_t affinity) const noexcept {
    return affinity == 0 || (affinity & all_loops()) != 0;
  }
  /// True on a thread that runs one of the loops, where nothing may block.
  [[nodiscard]] bool on_loop_thread() const noexcept;
  /// The coroutines that run on the main loop.
  [[nodiscard]] detail::task_group& tasks() noexcept { return tasks_; }
  /// An error naming `what` in a threaded context.
  [[nodiscard]] result<void> require_inline(std::string_view what) const;
  [[nodiscard]] inproc_registry& inproc() noexcept { return inproc_; }
  /// Asks the handler that has bound inproc://zeromq.zap.01.
  [[nodiscard]] zap_client& zap() noexcept { return *zap_; }
  /// Where events go besides the monitors; null: nowhere.
  [[nodiscard]] event_log* log() noexcept { return log_ ? &*log_ : nullptr; }
  [[nodiscard]] std::uint64_t next_socket_id() noexcept {
    return next_socket_id_.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  [[nodiscard]] context_stats stats();
  /// How long a waiting thread looks for events; none: learnt.
  [[nodiscard]] std::optional<std::chrono::microseconds> spin() const noexcept { return spin_; }
  [[nodiscard]] transport::network& network() const noexcept { return *network_; }
  /// Any thread: what deadlines are reckoned from. The clock of the loops' drivers.
  [[nodiscard]] io::time_point now() const noexcept { return loops_.front()->read_clock(); }
  /// `timeout` from now on; time_point::max() for `infinite`, without a look at the clock.
  [[nodiscard]] io::time_point deadline_after(std::chrono::milliseconds timeout) const;
  /// The seed for something random; 0: it is to find one nobody can foresee.
  [[nodiscard]] std::uint64_t draw_seed() noexcept;
  /// For blocking calls (name resolution).
  [[nodiscard]] io::worker& worker() noexcept { return worker_; }

  /// Inline: a tick, waiting at most until `until`. Errors: would_deadlock if a tick is under way on this
  /// thread, wrong_thread if another thread has run the loop.
  result<std::size_t> tick(io::time_point until);
  result<std::size_t> poll();

  /// Threaded: while it lives, the calling thread, which is about to block, runs the loop instead (design
  /// D6). If it may not (false), it is to wait for the I/O threads, with `relying` alive meanwhile.
  class guest {
   public:
    explicit guest(context_core& at) : lease_(at.enter_loop()) {}
    ~guest() {
      if (lease_ != nullptr) lease_->leave();
    }
    guest(const guest&) = delete;
    guest& operator=(const guest&) = delete;
    explicit operator bool() const noexcept { return lease_ != nullptr; }

   private:
    loop_lease* const lease_;
  };
  /// As `tick`, for a guest. False if it has handled a POSIX signal instead.
  bool run_as_guest(io::time_point until);
  /// While it lives, the I/O threads are on duty.
  class relying {
   public:
    explicit relying(context_core& on) noexcept : on_(on) {
      for (const auto& each : on_.leases_) each->rely_on_io_thread();
    }
    ~relying() {
      for (const auto& each : on_.leases_) each->no_longer();
    }
    relying(const relying&) = delete;
    relying& operator=(const relying&) = delete;

   private:
    context_core& on_;
  };

  /// Refused with errc::terminated after shutdown.
  result<void> add(const std::shared_ptr<socket_core>& joining);
  void shutdown() noexcept;
  /// Shutdown, the end of every socket with its linger time, and of the threads. Idempotent; not on a loop's
  /// thread.
  void finish();

  // -- fork_watch
  void hold_for_fork() { mutex_.lock(); }
  void fork_is_over() { mutex_.unlock(); }
  /// In a child process: from now on it and its sockets only answer errc::forked.
  void become_foreign();
  [[nodiscard]] bool is_foreign() const noexcept { return foreign_; }

 private:
  [[nodiscard]] loop_lease* enter_loop();
  [[nodiscard]] result<void> start_threads(const io::thread_settings& settings);
  [[nodiscard]] std::uint64_t all_loops() const noexcept {
    return ~std::uint64_t{0} >> (64U - loops_.size());
  }
  [[nodiscard]] result<void> begin_tick();
  void drain_tasks();
  [[nodiscard]] std::vector<std::shared_ptr<socket_core>> sockets();
  template <class Visit>
  void for_each_socket(Visit visit) noexcept;
  void terminate_sockets() noexcept;

  const bool inline_;
  const manners behaviour_;
  std::optional<event_log> log_;
  std::atomic<std::uint64_t> next_socket_id_{0};
  std::vector<std::unique_ptr<io::loop>> loops_;
  std::vector<std::unique_ptr<loop_lease>> leases_;  // one a loop, threaded contexts only
  std::vector<std::jthread> threads_;
  std::atomic<std::size_t> next_loop_{0};
  const std::shared_ptr<transport::network> network_;
  std::uint64_t seed_;
  std::atomic<bool> finished_{false};
  bool ticking_ = false;
  const std::optional<std::chrono::microseconds> spin_;
  inproc_registry inproc_;
  const std::shared_ptr<zap_client> zap_;
  io::worker worker_;
  detail::task_group tasks_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<socket_core>> sockets_;
  io::kept_work terminating_{io::bind_callback<&context_core::terminate_sockets>(this)};
  std::shared_ptr<context_core> never_finished_;
  bool shut_down_ = false;
  bool foreign_ = false;
};

}  // namespace monocoque::engine
