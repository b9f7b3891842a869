#include "capi/context.hpp"

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "engine/polling_waiter.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace monocoque::capi {
namespace {

/// The most sockets that libzmq lets a context have; our own limit is the system's.
constexpr int socket_limit = 65535;
constexpr int most_io_threads = 64;
/// What a program may give, with the 0 at its end.
constexpr std::size_t longest_prefix = 16;

/// What zmq_ctx_get answers of it may be -1 without being an error.
bool may_be_negative(int option) noexcept {
  return option == ZMQ_THREAD_SCHED_POLICY || option == ZMQ_THREAD_NAME_PREFIX;
}

}  // namespace

context::~context() { tag_ = 0; }

context* context::in(void* handle) noexcept {
  auto* const found = static_cast<context*>(handle);
  if (found != nullptr && found->tag_ == alive) return found;
  fail(EFAULT);
  return nullptr;
}

int context::set(int option, int value) {
  const std::lock_guard lock(mutex_);
  switch (option) {
    case ZMQ_IO_THREADS:
      if (value < 0 || value > most_io_threads) return fail(EINVAL);
      settings_.io_threads = value;
      return 0;
    case ZMQ_MAX_SOCKETS:
      if (value < 1 || value > socket_limit) return fail(EINVAL);
      settings_.max_sockets = value;
      return 0;
    case ZMQ_MAX_MSGSZ:
      if (value < 0) return fail(EINVAL);
      settings_.max_message_size = value;
      return 0;
    case ZMQ_IPV6:
      if (value < 0) return fail(EINVAL);
      settings_.ipv6 = value != 0;
      return 0;
    case ZMQ_BLOCKY:
      if (value < 0) return fail(EINVAL);
      settings_.blocky = value != 0;
      return 0;
    case ZMQ_ZERO_COPY_RECV:
      if (value < 0) return fail(EINVAL);
      settings_.zero_copy = value != 0;
      return 0;
    case ZMQ_THREAD_NAME_PREFIX: settings_.threads.name = std::to_string(value); return 0;
    default: return set_threads(option, value);
  }
}

/// How the I/O threads run. With the mutex held.
int context::set_threads(int option, int value) {
  if (value < 0) return fail(EINVAL);
  std::vector<unsigned>& processors = settings_.threads.processors;
  const auto processor = static_cast<unsigned>(value);
  const bool is_chosen = std::ranges::find(processors, processor) != processors.end();
  switch (option) {
    case ZMQ_THREAD_SCHED_POLICY: settings_.threads.policy = value; return 0;
    case ZMQ_THREAD_PRIORITY: settings_.threads.priority = value; return 0;
    case ZMQ_THREAD_AFFINITY_CPU_ADD:
      if (!is_chosen) processors.push_back(processor);
      return 0;
    case ZMQ_THREAD_AFFINITY_CPU_REMOVE:
      if (!is_chosen) return fail(EINVAL);
      std::erase(processors, processor);
      return 0;
    default: return fail(EINVAL);
  }
}

int context::set(int option, const void* value, std::size_t size) {
  int number = 0;
  if (value == nullptr) return fail(EINVAL);
  if (size == sizeof number) {
    std::memcpy(&number, value, sizeof number);
    return set(option, number);
  }
  if (option != ZMQ_THREAD_NAME_PREFIX || size == 0 || size > longest_prefix) return fail(EINVAL);
  const std::lock_guard lock(mutex_);
  settings_.threads.name.assign(static_cast<const char*>(value), size);
  return 0;
}

int context::get(int option, void* into, std::size_t* size) {
  if (into == nullptr || size == nullptr) return fail(EINVAL);
  if (option == ZMQ_THREAD_NAME_PREFIX && *size != sizeof(int)) {
    const std::lock_guard lock(mutex_);
    const std::string& name = settings_.threads.name;
    if (*size < name.size()) return fail(EINVAL);
    std::memcpy(into, name.data(), name.size());
    return 0;
  }
  if (*size != sizeof(int)) return fail(EINVAL);
  const int found = get(option);
  if (found == -1 && !may_be_negative(option)) return -1;
  std::memcpy(into, &found, sizeof found);
  return 0;
}

int context::get(int option) {
  const std::lock_guard lock(mutex_);
  switch (option) {
    case ZMQ_IO_THREADS: return settings_.io_threads;
    case ZMQ_MAX_SOCKETS: return settings_.max_sockets;
    case ZMQ_SOCKET_LIMIT: return socket_limit;
    case ZMQ_MAX_MSGSZ: return settings_.max_message_size;
    case ZMQ_MSG_T_SIZE: return sizeof(zmq_msg_t);
    case ZMQ_IPV6: return settings_.ipv6 ? 1 : 0;
    case ZMQ_BLOCKY: return settings_.blocky ? 1 : 0;
    case ZMQ_ZERO_COPY_RECV: return settings_.zero_copy ? 1 : 0;
    case ZMQ_THREAD_SCHED_POLICY: return settings_.threads.policy.value_or(ZMQ_THREAD_SCHED_POLICY_DFLT);
    case ZMQ_THREAD_NAME_PREFIX: return std::atoi(settings_.threads.name.c_str());
    default: return fail(EINVAL);
  }
}

/// With the mutex held.
result<void> context::begin() {
  if (core_) return {};
  // Without I/O threads libzmq serves inproc alone; here one more does no harm.
  context_options options;
  options.io_threads = static_cast<unsigned>(std::max(settings_.io_threads, 1));
  options.thread_policy = settings_.threads.policy;
  options.thread_priority = settings_.threads.priority;
  options.thread_processors = settings_.threads.processors;
  options.thread_name = settings_.threads.name.c_str();  // up to the first 0
  auto made = engine::context_core::make(false, options, {.behaviour = engine::manners::of_libzmq});
  if (!made) return std::move(made).error();
  core_ = *std::move(made);
  return {};
}

result<c_socket*> context::open(int type) {
  if (type < 0 || type >= static_cast<int>(socket_type_count)) return error::from_errno(EINVAL);
  const std::lock_guard lock(mutex_);
  if (shut_down_) return errc::terminated;
  if (open_sockets_ >= settings_.max_sockets) return error::from_errno(EMFILE);
  if (result<void> begun = begin(); !begun) return std::move(begun).error();
  capi::settings chosen(static_cast<socket_type>(type));
  chosen.engine.ipv6 = settings_.ipv6;
  if (!settings_.blocky) chosen.engine.linger = std::chrono::milliseconds(0);
  auto core = engine::socket_core::make(core_, static_cast<socket_type>(type), chosen.engine);
  if (!core) return std::move(core).error();
  std::erase_if(lingering_, [](const auto& each) { return each->is_over(); });
  lingering_.reserve(lingering_.size() + static_cast<std::size_t>(open_sockets_) +
                     1);  // `closed` cannot fail
  auto* const made = new c_socket(*this, *std::move(core), std::move(chosen));
  ++open_sockets_;
  return made;
}

void context::closed(std::shared_ptr<engine::socket_core> lingering) noexcept {
  const std::lock_guard lock(mutex_);
  --open_sockets_;
  lingering_.push_back(std::move(lingering));
  for (io::signal_poll* const each : waiting_) each->signal();
}

void context::shut_down() noexcept {
  const std::lock_guard lock(mutex_);
  shut_down_ = true;
  if (core_) core_->shutdown();
}

bool context::all_closed() {
  const std::lock_guard lock(mutex_);
  return open_sockets_ == 0;
}

result<void> context::wait_for_sockets(io::signal_poll& poll) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&poll);
  }
  result<void> outcome;
  while (outcome && !all_closed()) {
    if (auto waited = poll.wait({}, io::time_point::max()); !waited) outcome = std::move(waited).error();
  }
  const std::lock_guard lock(mutex_);
  std::erase(waiting_, &poll);
  return outcome;
}

result<void> context::wait_for_lingering(io::signal_poll& poll) {
  // Nothing is added any more: all sockets are closed.
  for (const auto& each : lingering_) {
    engine::polling_waiter self(poll);
    while (each->join_end(self)) {
      const auto waited = poll.wait({}, io::time_point::max());
      each->leave_end(self);
      if (!waited) return waited.error();
    }
  }
  return {};
}

result<void> context::terminate() {
  shut_down();
  // In a child process nobody closes what the parent's threads have, and nothing of it may be touched.
  if (core_ && core_->is_foreign()) return {};
  const result<io::signal_poll*> poll = io::signal_poll::of_this_thread();
  if (!poll) return poll.error();
  if (result<void> waited = wait_for_sockets(**poll); !waited) return waited;
  if (result<void> waited = wait_for_lingering(**poll); !waited) return waited;
  lingering_.clear();
  if (core_) core_->finish();
  return {};
}

}  // namespace monocoque::capi

namespace {

using monocoque::capi::context;
using monocoque::capi::fail;
using monocoque::capi::guard;

}  // namespace

void* zmq_ctx_new() {
  return guard(static_cast<void*>(nullptr), []() -> void* { return new context; });
}

int zmq_ctx_term(void* handle) {
  context* const ending = context::in(handle);
  if (ending == nullptr) return -1;
  return guard(-1, [&] {
    if (auto ended = ending->terminate(); !ended) return fail(ended.error());
    delete ending;
    return 0;
  });
}

int zmq_ctx_shutdown(void* handle) {
  context* const ending = context::in(handle);
  if (ending == nullptr) return -1;
  ending->shut_down();
  return 0;
}

int zmq_ctx_set(void* handle, int option, int optval) {
  context* const changing = context::in(handle);
  return changing != nullptr ? guard(-1, [&] { return changing->set(option, optval); }) : -1;
}

int zmq_ctx_get(void* handle, int option) {
  context* const asked = context::in(handle);
  return asked != nullptr ? asked->get(option) : -1;
}

int zmq_ctx_set_ext(void* handle, int option, const void* optval, size_t optvallen) {
  context* const changing = context::in(handle);
  return changing != nullptr ? guard(-1, [&] { return changing->set(option, optval, optvallen); }) : -1;
}

int zmq_ctx_get_ext(void* handle, int option, void* optval, size_t* optvallen) {
  context* const asked = context::in(handle);
  return asked != nullptr ? asked->get(option, optval, optvallen) : -1;
}

void* zmq_init(int io_threads) {
  if (io_threads < 0) {
    fail(EINVAL);
    return nullptr;
  }
  void* const made = zmq_ctx_new();
  if (made != nullptr && zmq_ctx_set(made, ZMQ_IO_THREADS, io_threads) != 0) {
    zmq_ctx_term(made);
    fail(EINVAL);
    return nullptr;
  }
  return made;
}

int zmq_term(void* handle) { return zmq_ctx_term(handle); }
int zmq_ctx_destroy(void* handle) { return zmq_ctx_term(handle); }
