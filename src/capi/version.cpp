#include <monocoque/curve_keys.hpp>

#include <zmq.h>

#include <string_view>

void zmq_version(int* major, int* minor, int* patch) {
  *major = ZMQ_VERSION_MAJOR;
  *minor = ZMQ_VERSION_MINOR;
  *patch = ZMQ_VERSION_PATCH;
}

int zmq_has(const char* capability) {
  const std::string_view asked = capability != nullptr ? capability : "";
  if (asked == "ipc" || asked == "draft") return 1;
  return asked == "curve" && monocoque::has_curve() ? 1 : 0;
}
