// Binding and connecting.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"

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

int answer_of(const result<void>& outcome) { return outcome ? 0 : fail(outcome.error()); }

}  // namespace

int c_socket::bind(const char* endpoint) {
  if (endpoint == nullptr) return fail(EINVAL);
  if (result<void> ready = bring_up_to_date(); !ready) return fail(ready.error());
  return answer_of(core_->bind(endpoint));
}

int c_socket::connect(const char* endpoint) {
  if (endpoint == nullptr) return fail(EINVAL);
  if (result<void> ready = bring_up_to_date(); !ready) return fail(ready.error());
  connect_options options;
  {
    const std::lock_guard lock(settings_mutex_);
    options.routing_id = std::exchange(settings_.connect_routing_id, {});
  }
  return answer_of(core_->connect(endpoint, options));
}

int c_socket::give_up(const char* endpoint) {
  if (endpoint == nullptr) return fail(EINVAL);
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
