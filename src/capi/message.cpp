// zmq_msg_*: the messages of zmq.h, one frame each. Sending and receiving them is in traffic.cpp.

#include "capi/error_numbers.hpp"
#include "capi/part.hpp"
#include "capi/peer_properties.hpp"

#include <zmq.h>

#include <cerrno>
#include <cstring>
#include <string_view>

using monocoque::capi::fail;
using monocoque::capi::guard;
using monocoque::capi::part;

int zmq_msg_init(zmq_msg_t* msg) {
  part::init(msg);
  return 0;
}

int zmq_msg_init_size(zmq_msg_t* msg, size_t size) {
  return guard(-1, [&] {
    part::init(msg).reserve(size);
    return 0;
  });
}

int zmq_msg_init_data(zmq_msg_t* msg, void* data, size_t size, zmq_free_fn* ffn, void* hint) {
  return guard(-1, [&] {
    part::init(msg).adopt(data, size, ffn, hint);
    return 0;
  });
}

int zmq_msg_init_buffer(zmq_msg_t* msg, const void* buf, size_t size) {
  return guard(-1, [&] {
    part& made = part::init(msg);
    made.reserve(size);
    if (size != 0) std::memcpy(made.data(), buf, size);
    return 0;
  });
}

int zmq_msg_close(zmq_msg_t* msg) {
  part* const closing = part::in(msg);
  if (closing == nullptr) return -1;
  closing->close();
  return 0;
}

int zmq_msg_move(zmq_msg_t* dest, zmq_msg_t* src) {
  part* const to = part::in(dest);
  part* const from = part::in(src);
  if (to == nullptr || from == nullptr) return -1;
  if (to == from) return 0;
  to->clear();
  *to = *from;
  part::init(src);
  return 0;
}

int zmq_msg_copy(zmq_msg_t* dest, zmq_msg_t* src) {
  part* const to = part::in(dest);
  part* const from = part::in(src);
  if (to == nullptr || from == nullptr) return -1;
  if (to == from) return 0;
  to->clear();
  to->share(*from);
  return 0;
}

void* zmq_msg_data(zmq_msg_t* msg) {
  part* const found = part::in(msg);
  return found != nullptr ? found->data() : nullptr;
}

size_t zmq_msg_size(const zmq_msg_t* msg) {
  const part* const found = part::in(msg);
  return found != nullptr ? found->size() : 0;
}

int zmq_msg_more(const zmq_msg_t* msg) {
  const part* const found = part::in(msg);
  return found != nullptr && found->has_more() ? 1 : 0;
}

int zmq_msg_get(const zmq_msg_t* msg, int property) {
  const part* const found = part::in(msg);
  if (found == nullptr) return -1;
  switch (property) {
    case ZMQ_MORE: return found->has_more() ? 1 : 0;
    case ZMQ_SHARED: return found->is_shared() ? 1 : 0;
    case ZMQ_SRCFD:
      return found->peer() != nullptr && found->peer()->descriptor >= 0 ? found->peer()->descriptor
                                                                        : fail(EINVAL);
    default: return fail(EINVAL);
  }
}

// There is no property that could be set.
int zmq_msg_set(zmq_msg_t* msg, int /*property*/, int /*optval*/) {
  if (part::in(msg) == nullptr) return -1;
  return fail(EINVAL);
}

const char* zmq_msg_gets(const zmq_msg_t* msg, const char* property) {
  const part* const found = part::in(msg);
  if (found == nullptr) return nullptr;
  const char* const value = property != nullptr && found->peer() != nullptr
                                ? monocoque::capi::property_of(*found->peer(), property)
                                : nullptr;
  if (value == nullptr) fail(EINVAL);
  return value;
}
