#include "rivals/zmq_library.hpp"

#include <dlfcn.h>
#include <stdexcept>

namespace bench {
namespace {

[[noreturn]] void fail_to_load() {
  const char* const reason = dlerror();
  throw std::runtime_error(reason != nullptr ? reason : "cannot load a library for zmq.h");
}

template <class Function>
void find(void* library, const char* name, Function& into) {
  into = reinterpret_cast<Function>(dlsym(library, name));
  if (into == nullptr) fail_to_load();
}

}  // namespace

zmq_library::zmq_library(const std::string& file) {
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail_to_load();
  find(library, "zmq_ctx_new", ctx_new);
  find(library, "zmq_socket", socket);
  find(library, "zmq_setsockopt", setsockopt);
  find(library, "zmq_getsockopt", getsockopt);
  find(library, "zmq_bind", bind);
  find(library, "zmq_connect", connect);
  find(library, "zmq_send", send);
  find(library, "zmq_recv", recv);
  find(library, "zmq_msg_init", msg_init);
  find(library, "zmq_msg_init_size", msg_init_size);
  find(library, "zmq_msg_data", msg_data);
  find(library, "zmq_msg_size", msg_size);
  find(library, "zmq_msg_more", msg_more);
  find(library, "zmq_msg_send", msg_send);
  find(library, "zmq_msg_recv", msg_recv);
  find(library, "zmq_poll", poll);
  find(library, "zmq_errno", error);
  find(library, "zmq_strerror", strerror);
  find(library, "zmq_has", has);
  find(library, "zmq_version", version);
}

}  // namespace bench
