#pragma once

#include <zmq.h>

#include <string>

namespace bench {

/// The functions of zmq.h as one library has them. Loaded rather than linked, so that one binary does the
/// same with libzmq and with Monocoque's library. Stays loaded. Throws std::runtime_error if it cannot be
/// had.
struct zmq_library {
  /// A file, or a name that the system's loader looks for.
  explicit zmq_library(const std::string& file);

  decltype(&::zmq_ctx_new) ctx_new;
  decltype(&::zmq_socket) socket;
  decltype(&::zmq_setsockopt) setsockopt;
  decltype(&::zmq_getsockopt) getsockopt;
  decltype(&::zmq_bind) bind;
  decltype(&::zmq_connect) connect;
  decltype(&::zmq_send) send;
  decltype(&::zmq_recv) recv;
  decltype(&::zmq_msg_init) msg_init;
  decltype(&::zmq_msg_init_size) msg_init_size;
  decltype(&::zmq_msg_data) msg_data;
  decltype(&::zmq_msg_size) msg_size;
  decltype(&::zmq_msg_more) msg_more;
  decltype(&::zmq_msg_send) msg_send;
  decltype(&::zmq_msg_recv) msg_recv;
  decltype(&::zmq_poll) poll;
  decltype(&::zmq_errno) error;
  decltype(&::zmq_strerror) strerror;
  decltype(&::zmq_has) has;
  decltype(&::zmq_version) version;
};

/// The system's libzmq.
inline constexpr const char* system_libzmq = "libzmq.so.5";

}  // namespace bench
