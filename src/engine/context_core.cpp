#include "engine/context_core.hpp"

#include "engine/deadline.hpp"
#include "engine/fork_watch.hpp"
#include "engine/socket_core.hpp"
#include "engine/zap_client.hpp"
#include "io/signals.hpp"
#include "pattern/seed.hpp"

#include <algorithm>
#include <bit>
#include <future>
#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

constexpr unsigned max_io_threads = 64;
constexpr std::chrono::seconds longest_spin{1};
constexpr std::chrono::seconds task_stop_limit{5};
constexpr std::chrono::milliseconds task_stop_pause{1};

constexpr int last_polls = 256;

/// The context whose loop this thread runs.
thread_local const context_core* running_here = nullptr;

/// Lets what is still queued run; then what comes is dropped, since nobody would run it.
void drain(io::loop& loop) {
  for (int i = 0; i < last_polls && loop.poll() > 0; ++i) {
  }
  loop.close_posts();
}

io::thread_settings thread_settings_of(const context_options& options) {
  return {.policy = options.thread_policy,
          .priority = options.thread_priority,
          .processors = options.thread_processors,
          .name = options.thread_name};
}

}  // namespace

result<std::shared_ptr<context_core>> context_core::make(bool inline_mode, const context_options& options,
                                                         context_ground below) {
  const auto refuse = [](std::string why) {
    return error(make_error_code(errc::invalid_argument), std::move(why)).with_doing("context");
  };
  if (options.io_threads < 1 || options.io_threads > max_io_threads)
    return refuse("option io_threads must be 1 to " + std::to_string(max_io_threads));
  if (inline_mode && options.io_threads != 1)
    return refuse("option io_threads is not for an inline context, which has none");
  if (options.spin && (*options.spin < options.spin->zero() || *options.spin > longest_spin))
    return refuse("option spin must be 0 to 1000000 microseconds");
  if (inline_mode && (options.thread_policy || options.thread_priority ||
                      !options.thread_processors.empty() || !options.thread_name.empty()))
    return refuse("options thread_... are not for an inline context, which has no threads");
  if (options.thread_priority.value_or(0) < 0) return refuse("option thread_priority must be 0 or more");
  io::loop_options loop_options;
  // Whoever waits runs the loop (loop_lease), which io_uring does not allow: worth more than what it saves.
  if (!inline_mode) loop_options.otherwise = io::driver_kind::epoll;
  if (options.driver) {
    loop_options.driver =
        *options.driver == io_driver::uring ? io::driver_kind::uring : io::driver_kind::epoll;
  }
  loop_options.spin = options.spin;
  std::vector<std::unique_ptr<io::loop>> loops;
  for (unsigned i = 0; i < (inline_mode ? 1 : options.io_threads); ++i) {
    auto made = io::loop::create(loop_options);
    if (!made) {
      error reason = std::move(made).error();
      return reason.doing().empty() ? std::move(reason).with_doing("context") : reason;
    }
    loops.push_back(*std::move(made));
  }
  auto context = std::make_shared<context_core>(inline_mode, std::move(loops), options, std::move(below));
  fork_watch::add(context);
  if (inline_mode) return context;
  if (result<void> started = context->start_threads(thread_settings_of(options)); !started) {
    context->finish();
    return std::move(started).error().with_doing("context");
  }
  return context;
}

context_core::context_core(bool inline_mode, std::vector<std::unique_ptr<io::loop>> loops,
                           const context_options& options, context_ground below)
    : inline_(inline_mode),
      behaviour_(below.behaviour),
      loops_(std::move(loops)),
      network_(std::move(below.network)),
      seed_(below.seed),
      spin_(options.spin),
      zap_(std::make_shared<zap_client>(*this)),
      tasks_(main_loop()) {
  if (!options.log) return;
  log_.emplace(options.log);
  log_->write_on(main_loop());
}

context_core::~context_core() { finish(); }

/// An error if the system refuses the settings; the threads run all the same.
result<void> context_core::start_threads(const io::thread_settings& settings) {
  std::vector<std::future<result<void>>> begun;
  for (const auto& each : loops_) {
    leases_.push_back(std::make_unique<loop_lease>(*each));
    io::thread_settings own = settings;
    if (!own.name.empty()) own.name += "/io/" + std::to_string(threads_.size());
    std::promise<result<void>> began;
    begun.push_back(began.get_future());
    threads_.emplace_back([loop = each.get(), lease = leases_.back().get(), this, own = std::move(own),
                           began = std::move(began)]() mutable {
      const io::signals_blocked blocked;  // signals are the application threads' business
      began.set_value(io::apply_to_this_thread(own));
      running_here = this;
      lease->run();
      drain(*loop);
    });
  }
  result<void> outcome;
  for (auto& each : begun) {
    if (result<void> applied = each.get(); !applied) outcome = std::move(applied);
  }
  return outcome;
}

io::loop& context_core::next_loop(std::uint64_t affinity) noexcept {
  const std::size_t turn = next_loop_.fetch_add(1, std::memory_order_relaxed);
  std::uint64_t among = affinity & all_loops();
  if (among == 0) return *loops_[turn % loops_.size()];
  for (auto skipped = turn % static_cast<std::size_t>(std::popcount(among)); skipped > 0; --skipped)
    among &= among - 1;  // without its lowest bit
  return *loops_[static_cast<std::size_t>(std::countr_zero(among))];
}

io::time_point context_core::deadline_after(std::chrono::milliseconds timeout) const {
  if (timeout == std::chrono::milliseconds::max()) return io::time_point::max();
  return engine::deadline_after(timeout, now());
}

std::uint64_t context_core::draw_seed() noexcept {
  const std::lock_guard lock(mutex_);
  return seed_ == 0 ? 0 : pattern::next_random(seed_);
}

bool context_core::on_loop_thread() const noexcept { return running_here == this; }

result<void> context_core::require_inline(std::string_view what) const {
  if (inline_) return {};
  return error(make_error_code(errc::not_supported), "only inline contexts are driven by the application")
      .with_doing(std::string(what));
}

/// An inline context: nobody else runs the loop, on this thread or on another.
result<void> context_core::begin_tick() {
  if (foreign_) return errc::forked;
  if (main_loop().belongs_to_another_thread())
    return error(make_error_code(errc::wrong_thread),
                 "an inline context belongs to the thread that ran it first");
  if (std::exchange(ticking_, true))
    return error(make_error_code(errc::would_deadlock),
                 "a coroutine of an inline context must not run its loop");
  return {};
}

result<std::size_t> context_core::tick(io::time_point until) {
  if (result<void> may = begin_tick(); !may) return std::move(may).error();
  const std::size_t done = main_loop().run_once(until);
  ticking_ = false;
  return done;
}

result<std::size_t> context_core::poll() {
  if (result<void> may = begin_tick(); !may) return std::move(may).error();
  const std::size_t done = main_loop().poll();
  ticking_ = false;
  return done;
}

loop_lease* context_core::enter_loop() {
  // With several loops the socket's links may be anywhere; coroutines are to stay on the I/O thread.
  if (leases_.size() != 1 || !tasks_.empty()) return nullptr;
  return leases_.front()->enter() ? leases_.front().get() : nullptr;
}

bool context_core::run_as_guest(io::time_point until) {
  running_here = this;
  main_loop().run_once(until);
  running_here = nullptr;
  return !main_loop().interrupted();
}

result<void> context_core::add(const std::shared_ptr<socket_core>& joining) {
  if (foreign_) return errc::forked;
  const std::lock_guard lock(mutex_);
  if (shut_down_) return errc::terminated;
  std::erase_if(sockets_, [](const auto& each) { return each.expired(); });
  sockets_.push_back(joining);
  return {};
}

/// Calls `visit(socket)` for each socket that is there, with nothing held. Once the context is shut down no
/// other comes.
template <class Visit>
void context_core::for_each_socket(Visit visit) noexcept {
  for (std::size_t i = 0;; ++i) {
    std::shared_ptr<socket_core> each;
    {
      const std::lock_guard lock(mutex_);
      if (i >= sockets_.size()) return;
      each = sockets_[i].lock();
    }
    if (each) visit(*each);
  }
}

std::vector<std::shared_ptr<socket_core>> context_core::sockets() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<socket_core>> alive;
  for (const auto& each : sockets_) {
    if (auto socket = each.lock()) alive.push_back(std::move(socket));
  }
  return alive;
}

context_stats context_core::stats() {
  context_stats sum;
  for (const auto& each : sockets()) sum.sockets.push_back(each->stats());
  std::ranges::sort(sum.sockets, {}, &socket_stats::id);
  for (const auto& each : loops_) {
    const base::slab_pool& slabs = each->slabs();
    sum.slab_bytes_in_use += slabs.in_use() * slabs.slab_size();
    sum.slab_bytes_spare += slabs.spare() * slabs.slab_size();
  }
  return sum;
}

void context_core::become_foreign() {
  foreign_ = true;
  // As the context itself, they stay for as long as the child lives.
  static auto* const foreign = new std::vector<std::shared_ptr<socket_core>>;
  for (auto& each : sockets()) {
    each->become_foreign();
    foreign->push_back(std::move(each));
  }
}

void context_core::shutdown() noexcept {
  if (foreign_) return;
  {
    const std::lock_guard lock(mutex_);
    shut_down_ = true;
  }
  if (inline_ && !main_loop().on_its_thread()) {
    // Everything of an inline context belongs to its loop's thread.
    if (auto self = weak_from_this().lock()) main_loop().post(terminating_, std::move(self));
    return;
  }
  terminate_sockets();
}

void context_core::terminate_sockets() noexcept {
  for_each_socket([](socket_core& each) { each.terminate(); });
}

void context_core::finish() {
  if (foreign_ || finished_.load(std::memory_order_acquire)) return;
  if (on_loop_thread()) {
    // The thread cannot wait for itself: somebody else does, and keeps everything until then.
    try {
      std::thread([self = shared_from_this()] { self->finish(); }).detach();
    } catch (const std::exception&) {
      never_finished_ = shared_from_this();  // no thread is to be had: it stays as it is
    }
    return;
  }
  // Nobody uses the context any more, so the thread that ends it may run what is left. Not io_uring's: the
  // kernel takes work from the ring's own thread only.
  if (inline_ && main_loop().driver_in_use() == io::driver_kind::epoll) main_loop().change_hands();
  shutdown();
  zap_->end();
  drain_tasks();
  // All begin to close before the first is waited for, so that their linger times run at once.
  for_each_socket([](socket_core& each) { each.begin_close_of_context(); });
  for_each_socket([](socket_core& each) { each.finish_close(io::time_point::max()); });
  finished_.store(true, std::memory_order_release);
  for (const auto& each : leases_) each->stop();
  threads_.clear();
  if (inline_) drain(main_loop());
  tasks_.abandon();
  if (log_) log_->write_rest();
}

/// Asks the coroutines to stop and gives them time to: every wait of ours ends then. One that goes on all the
/// same is destroyed where it is suspended, once the loops stand still.
void context_core::drain_tasks() {
  tasks_.request_stop();
  const io::time_point deadline = now() + task_stop_limit;
  while (!tasks_.empty() && now() < deadline) {
    if (inline_) {
      if (!tick(deadline)) return;
    } else {
      std::this_thread::sleep_for(task_stop_pause);
    }
  }
}

}  // namespace monocoque::engine
