// zmq_socket_monitor and its kin.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/monitor_feed.hpp"
#include "engine/context_core.hpp"
#include "engine/queue_lengths.hpp"
#include "transport/endpoint.hpp"

#include <zmq.h>

#include <cerrno>
#include <utility>

namespace monocoque::capi {
namespace {

/// What the first format has room for.
constexpr std::uint64_t events_of_first_format = 0xffff;

/// The one-way types that send frames. Errors: EINVAL.
result<socket_type> type_of_monitor(int type) {
  switch (type) {
    case ZMQ_PAIR: return socket_type::pair;
    case ZMQ_PUB: return socket_type::pub;
    case ZMQ_PUSH: return socket_type::push;
    default: return error::from_errno(EINVAL);
  }
}

}  // namespace

int c_socket::monitor(const char* endpoint, std::uint64_t events, int version, int type) {
  if (const result<void> usable = core_->require_usable("zmq_socket_monitor"); !usable)
    return fail(usable.error());
  const auto form = static_cast<monitor_feed::format>(version);
  if (version != 1 && version != 2) return fail(EINVAL);
  if (form == monitor_feed::format::first && events > events_of_first_format) return fail(EINVAL);
  if (endpoint == nullptr) {
    stop_monitor();
    return 0;
  }
  const auto where = transport::parse_endpoint(endpoint, transport::purpose::bind);
  if (!where) return fail(where.error());
  if (where->scheme != transport::scheme::inproc) return fail(EPROTONOSUPPORT);
  stop_monitor();
  const result<socket_type> own_type = type_of_monitor(type);
  if (!own_type) return fail(own_type.error());
  socket_options options;
  options.linger = std::chrono::milliseconds(0);
  auto out = engine::socket_core::make(core_->context().shared_from_this(), *own_type, options);
  if (!out) return fail(out.error());
  if (const result<void> bound = (*out)->bind(endpoint); !bound) {
    (*out)->begin_close();
    return fail(bound.error());
  }
  auto feed = std::make_shared<monitor_feed>(core_->add_monitor(), *std::move(out), events, form);
  feed->begin();
  const std::lock_guard lock(settings_mutex_);
  monitor_ = std::move(feed);
  return 0;
}

int c_socket::monitor_queues() {
  std::shared_ptr<monitor_feed> telling;
  {
    const std::lock_guard lock(settings_mutex_);
    telling = monitor_;
  }
  if (!telling || !telling->wants(ZMQ_EVENT_PIPES_STATS)) return fail(EINVAL);
  const auto all = core_->all_queue_lengths();
  if (all.empty()) return fail(EAGAIN);
  telling->tell_lengths(all);
  return 0;
}

void c_socket::stop_monitor() noexcept {
  std::shared_ptr<monitor_feed> stopping;
  {
    const std::lock_guard lock(settings_mutex_);
    stopping = std::exchange(monitor_, nullptr);
  }
  if (stopping) stopping->stop();
}

}  // namespace monocoque::capi

using monocoque::capi::c_socket;
using monocoque::capi::guard;

int zmq_socket_monitor_versioned(void* handle, const char* endpoint, uint64_t events, int event_version,
                                 int type) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->monitor(endpoint, events, event_version, type); });
}

int zmq_socket_monitor(void* handle, const char* endpoint, int events) {
  return zmq_socket_monitor_versioned(handle, endpoint, static_cast<uint64_t>(events),
                                      ZMQ_CURRENT_EVENT_VERSION, ZMQ_PAIR);
}

int zmq_socket_monitor_pipes_stats(void* handle) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->monitor_queues(); });
}
