#include "capi/context.hpp"

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "engine/polling_waiter.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace monocoque::capi {
namespace {

/// The most sockets that libzmq lets a context have; our own limit is the system's.
constexpr int socket_limit = 65535;
constexpr int most_io_threads = 64;

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
    default: return fail(EINVAL);
  }
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
    default: return fail(EINVAL);
  }
}

/// With the mutex held.
result<void> context::begin() {
  if (core_) return {};
  // Without I/O threads libzmq serves inproc alone; here one more does no harm.
  context_options options;
  options.io_threads = static_cast<unsigned>(std::max(settings_.io_threads, 1));
  auto made = engine::context_core::make(false, options, {.behaviour = engine::manners::of_libzmq});
  if (!made) return std::move(made).error();
  core_ = *std::move(made);
  return {};
}

result<c_socket*> context::open(int type) {
  constexpr int last_type = ZMQ_XSUB;
  if (type < 0 || type > last_type) return error::from_errno(EINVAL);
  const std::lock_guard lock(mutex_);
  if (shut_down_) return errc::terminated;
  if (open_sockets_ >= settings_.max_sockets) return error::from_errno(EMFILE);
  if (result<void> begun = begin(); !begun) return std::move(begun).error();
  capi::settings chosen;
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
  return changing != nullptr ? changing->set(option, optval) : -1;
}

int zmq_ctx_get(void* handle, int option) {
  context* const asked = context::in(handle);
  return asked != nullptr ? asked->get(option) : -1;
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
