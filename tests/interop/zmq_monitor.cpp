#include "tests/interop/zmq_monitor.hpp"

#include <zmq.h>

#include <cstring>
#include <stdexcept>
#include <string>

namespace monocoque::test {
namespace {

struct seen_event {
  std::uint16_t kind = 0;
  std::uint32_t value = 0;
};

/// The first frame of an event: the two, in the machine's order.
seen_event read_event(const std::string& frame) {
  seen_event read;
  std::memcpy(&read.kind, frame.data(), sizeof read.kind);
  std::memcpy(&read.value, frame.data() + sizeof read.kind, sizeof read.value);
  return read;
}

}  // namespace

zmq_monitor::zmq_monitor(const zmq_context& owner, const zmq_peer& of)
    : watched_(of.raw()), events_(owner, socket_type::pair) {
  static int monitors = 0;
  const std::string place = "inproc://monitor-" + std::to_string(++monitors);
  if (zmq_socket_monitor(of.raw(), place.c_str(), ZMQ_EVENT_ALL) != 0)
    throw std::runtime_error("libzmq: monitor");
  events_.connect(place);
}

/// libzmq's threads would wait for somebody to take the events that are still to come.
zmq_monitor::~zmq_monitor() { zmq_socket_monitor(watched_, nullptr, 0); }

std::uint32_t zmq_monitor::await(int kind) {
  for (;;) {
    const seen_event next = read_event(events_.receive().at(0));
    if (next.kind == kind) return next.value;
  }
}

}  // namespace monocoque::test
