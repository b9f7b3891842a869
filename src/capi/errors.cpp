#include <zmq.h>

#include <cerrno>
#include <cstring>

int zmq_errno() { return errno; }

// Programs compare these texts, so they are libzmq's to the letter.
const char* zmq_strerror(int errnum) {
  switch (errnum) {
    case EFSM: return "Operation cannot be accomplished in current state";
    case ENOCOMPATPROTO: return "The protocol is not compatible with the socket type";
    case ETERM: return "Context was terminated";
    case EMTHREAD: return "No thread available";
    case EHOSTUNREACH: return "Host unreachable";  // the system's says more
    default: return std::strerror(errnum);         // in glibc each thread has a text of its own
  }
}
