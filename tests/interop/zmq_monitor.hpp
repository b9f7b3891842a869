#pragma once

#include "tests/interop/zmq_peer.hpp"

#include <cstdint>

namespace monocoque::test {

/// What happens to a libzmq socket, from the construction on. One thread at a time; must end before the
/// socket.
class zmq_monitor {
 public:
  zmq_monitor(const zmq_context& owner, const zmq_peer& of);
  ~zmq_monitor();
  zmq_monitor(const zmq_monitor&) = delete;
  zmq_monitor& operator=(const zmq_monitor&) = delete;

  /// The value of the next event of this kind (ZMQ_EVENT_...); what comes before it is passed over. Throws if
  /// there is none in good time.
  std::uint32_t await(int kind);

 private:
  void* const watched_;
  zmq_peer events_;
};

}  // namespace monocoque::test
