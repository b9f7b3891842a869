// Groups: of a DISH, and of the messages of RADIO and DISH. Inside, such a message is two frames; here it is
// one, and the name of the group is apart. Sending and receiving them is in traffic.cpp.

#include "capi/c_socket.hpp"
#include "capi/error_numbers.hpp"
#include "capi/part.hpp"

#include <zmq.h>

#include <cerrno>
#include <cstring>

namespace monocoque::capi {

int c_socket::join(const char* group, bool in) {
  if (const result<void> usable = core_->require_usable(in ? "zmq_join" : "zmq_leave"); !usable)
    return fail(usable.error());
  if (core_->type() != socket_type::dish) return fail(ENOTSUP);
  if (group == nullptr) return fail(EINVAL);
  const result<void> done = core_->subscribe(group, in);
  return done ? 0 : fail(done.error());
}

}  // namespace monocoque::capi

namespace {

using monocoque::capi::c_socket;
using monocoque::capi::fail;
using monocoque::capi::guard;
using monocoque::capi::part;

int join_or_leave(void* handle, const char* group, bool in) {
  c_socket* const of = c_socket::in(handle);
  if (of == nullptr) return -1;
  return guard(-1, [&] { return of->join(group, in); });
}

}  // namespace

int zmq_join(void* handle, const char* group) { return join_or_leave(handle, group, true); }
int zmq_leave(void* handle, const char* group) { return join_or_leave(handle, group, false); }

int zmq_msg_set_group(zmq_msg_t* msg, const char* group) {
  part* const found = part::in(msg);
  if (found == nullptr) return -1;
  if (group == nullptr || strnlen(group, ZMQ_GROUP_MAX_LENGTH + 1) > ZMQ_GROUP_MAX_LENGTH)
    return fail(EINVAL);
  return guard(-1, [&] {
    found->set_group(group);
    return 0;
  });
}

const char* zmq_msg_group(zmq_msg_t* msg) {
  const part* const found = part::in(msg);
  return found != nullptr ? found->group() : nullptr;
}
