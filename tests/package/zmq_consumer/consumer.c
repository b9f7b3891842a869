/* A program for libzmq: 0 if the library is of the release that the header is of, and works. */
#include <string.h>
#include <zmq.h>

int main(void) {
  int major, minor, patch;
  unsigned char data[8];
  char text[11];
  zmq_version(&major, &minor, &patch);
  if (ZMQ_MAKE_VERSION(major, minor, patch) != ZMQ_VERSION) return 1;
  if (zmq_z85_decode(data, "HelloWorld") != data || zmq_z85_encode(text, data, sizeof data) != text) return 2;
  return strcmp(text, "HelloWorld") == 0 ? 0 : 3;
}
