// Binding and connecting.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "engine/context_core.hpp"

#include <zmq.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace monocoque::capi {
namespace {

/// Such an endpoint was bound, but what it became is its name from then on.
bool is_wildcard(std::string_view endpoint) {
  return endpoint == "ipc://*" ||
         (endpoint.starts_with("tcp://") && (endpoint.ends_with(":*") || endpoint.ends_with(":0")));
}

/// A transport and a place. More is not asked of what may have been bound or connected.
bool is_endpoint(std::string_view text) {
  constexpr std::string_view between = "://";
  const std::size_t found = text.find(between);
  return found != std::string_view::npos && found != 0 && found + between.size() < text.size();
}

int answer_of(const result<void>& outcome) { return outcome ? 0 : fail(outcome.error()); }

}  // namespace

/// Of an endpoint that was to be: libzmq has a number of its own for want of an I/O thread.
int c_socket::answer_of_new(const result<void>& outcome) {
  if (outcome || outcome.error() != errc::invalid_argument) return answer_of(outcome);
  const std::lock_guard lock(settings_mutex_);
  return fail(core_->context().has_loop(settings_.engine.io_thread_affinity) ? EINVAL : EMTHREAD);
}

int c_socket::bind(const char* endpoint) {
  if (endpoint == nullptr) return fail(EINVAL);
  if (result<void> ready = bring_up_to_date(); !ready) return fail(ready.error());
  return answer_of_new(core_->bind(endpoint));
}

int c_socket::connect(const char* endpoint) {
  if (endpoint == nullptr) return fail(EINVAL);
  if (result<void> ready = bring_up_to_date(); !ready) return fail(ready.error());
  connect_options options;
  {
    const std::lock_guard lock(settings_mutex_);
    options.routing_id = std::exchange(settings_.connect_routing_id, {});
  }
  return answer_of_new(core_->connect(endpoint, options));
}

int c_socket::give_up(const char* endpoint) {
  if (endpoint == nullptr) return fail(EINVAL);
  if (const result<void> usable = core_->require_usable("zmq_disconnect"); !usable)
    return fail(usable.error());
  if (!is_endpoint(endpoint)) return fail(EINVAL);
  const result<void> disconnected = core_->disconnect(endpoint);
  if (disconnected || disconnected.error() != errc::no_such_endpoint) return answer_of(disconnected);
  if (is_wildcard(endpoint)) return fail(ENOENT);
  const result<void> unbound = core_->unbind(endpoint);
  if (unbound) core_->await_listeners_end();  // so that others may bind the same
  return answer_of(unbound);
}

}  // namespace monocoque::capi

namespace {

using monocoque::capi::c_socket;
using monocoque::capi::fail;
using monocoque::capi::guard;

template <int (c_socket::*Function)(const char*)>
int with_endpoint(void* handle, const char* endpoint) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return (of->*Function)(endpoint); });
}

}  // namespace

int zmq_bind(void* handle, const char* endpoint) { return with_endpoint<&c_socket::bind>(handle, endpoint); }
int zmq_connect(void* handle, const char* endpoint) {
  return with_endpoint<&c_socket::connect>(handle, endpoint);
}
int zmq_unbind(void* handle, const char* endpoint) {
  return with_endpoint<&c_socket::give_up>(handle, endpoint);
}
int zmq_disconnect(void* handle, const char* endpoint) {
  return with_endpoint<&c_socket::give_up>(handle, endpoint);
}

int zmq_socket_get_peer_state(void* handle, const void* routing_id, size_t routing_id_size) {
  const c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] {
    const auto room = of->core().has_room_for({static_cast<const std::byte*>(routing_id), routing_id_size});
    if (!room) return fail(room.error());
    return *room ? ZMQ_POLLOUT : 0;
  });
}
