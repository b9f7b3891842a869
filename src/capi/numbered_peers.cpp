// The drafts whose messages have one frame, and routing ids of SERVER and PEER.

#include "capi/numbered_peers.hpp"

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/part.hpp"

#include <monocoque/routing_number.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace monocoque::capi {

void readdress(message& what, socket_type from, socket_type to) {
  if (numbers_peers(from) == numbers_peers(to)) return;
  if (numbers_peers(to)) {
    what.push_front(routing_id_frame(0));
  } else {
    static_cast<void>(what.pop_front());
  }
}

/// By CLIENT and the like only what has ZMQ_SNDMORE is sent so, and refused.
int c_socket::send_single(bytes&& payload, int flags, std::uint32_t routing_id) {
  if ((flags & ZMQ_SNDMORE) != 0) return fail(EINVAL);
  const auto answer = static_cast<int>(std::min<std::size_t>(payload.size(), INT_MAX));
  message whole(routing_id_frame(routing_id));
  whole.push_back(std::move(payload));
  const engine::attempt_code tried = core_->try_send(whole);
  const error failed =
      core_->send_after(tried, whole, timeout(flags, engine::direction::send), {}, engine::on_signal::fail);
  return failed ? fail(failed) : answer;
}

std::uint32_t c_socket::connect_peer(const char* endpoint) {
  constexpr std::uint32_t nobody = 0;
  if (core_->type() != socket_type::peer) return fail(ENOTSUP, nobody);
  if (endpoint == nullptr) return fail(EINVAL, nobody);
  if (const result<void> ready = bring_up_to_date(); !ready) return fail(errno_of(ready.error()), nobody);
  if (core_->current_options()->immediate) return fail(EFAULT, nobody);
  const result<std::uint32_t> connected = core_->connect_peer(endpoint);
  if (connected) return *connected;
  static_cast<void>(answer_of_new(connected.error()));
  return nobody;
}

int c_socket::disconnect_peer(std::uint32_t routing_id) {
  if (const result<void> usable = core_->require_usable("zmq_disconnect_peer"); !usable)
    return fail(usable.error());
  if (!numbers_peers(core_->type())) return fail(ENOTSUP);
  const result<void> done = core_->disconnect_peer(routing_id);
  return done ? 0 : fail(done.error());
}

}  // namespace monocoque::capi

using monocoque::capi::c_socket;
using monocoque::capi::fail;
using monocoque::capi::guard;
using monocoque::capi::part;

int zmq_msg_set_routing_id(zmq_msg_t* msg, uint32_t routing_id) {
  part* const found = part::in(msg);
  if (found == nullptr) return -1;
  if (routing_id == 0) return fail(EINVAL);
  found->set_routing_id(routing_id);
  return 0;
}

uint32_t zmq_msg_routing_id(zmq_msg_t* msg) {
  const part* const found = part::in(msg);
  return found != nullptr ? found->routing_id() : 0;
}

uint32_t zmq_connect_peer(void* handle, const char* endpoint) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return 0;
  return guard(std::uint32_t{0}, [&] { return of->connect_peer(endpoint); });
}

int zmq_disconnect_peer(void* handle, uint32_t routing_id) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->disconnect_peer(routing_id); });
}
