#include "tests/capi/support.hpp"

#include <algorithm>
#include <array>

namespace monocoque::test {

int error_of(int answer) { return answer == -1 ? zmq_errno() : 0; }
int error_of(const void* answer) { return answer == nullptr ? zmq_errno() : 0; }

int set(void* socket, int option, int value) { return zmq_setsockopt(socket, option, &value, sizeof value); }
int set(void* socket, int option, const std::string& value) {
  return zmq_setsockopt(socket, option, value.data(), value.size());
}

int get(void* socket, int option) {
  int value = -4711;
  std::size_t size = sizeof value;
  EXPECT_EQ(error_of(zmq_getsockopt(socket, option, &value, &size)), 0) << option;
  EXPECT_EQ(size, sizeof value);
  return value;
}

std::string get_text(void* socket, int option) {
  std::array<char, 512> room{};
  std::size_t size = room.size();
  EXPECT_EQ(error_of(zmq_getsockopt(socket, option, room.data(), &size)), 0) << option;
  EXPECT_EQ(std::string(room.data()).size() + 1, size) << "a 0 behind it counts";
  return room.data();
}

std::string bind_to(void* socket, const std::string& endpoint) {
  const int error = error_of(zmq_bind(socket, endpoint.c_str()));
  EXPECT_EQ(error, 0) << endpoint << ": " << zmq_strerror(error);
  return error == 0 ? get_text(socket, ZMQ_LAST_ENDPOINT) : zmq_strerror(error);
}

bool send(void* socket, const std::string& frame, int flags) {
  return zmq_send(socket, frame.data(), frame.size(), flags) == static_cast<int>(frame.size());
}

bool send(void* socket, const frames& message, int flags) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (!send(socket, message[i], flags | (i + 1 < message.size() ? ZMQ_SNDMORE : 0))) return false;
  }
  return true;
}

std::string receive(void* socket, int flags) {
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  std::string got;
  if (zmq_msg_recv(&frame, socket, flags) < 0) {
    got = "(" + std::string(zmq_strerror(zmq_errno())) + ")";
  } else {
    got.assign(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
  }
  zmq_msg_close(&frame);
  return got;
}

frames receive_all(void* socket, int flags) {
  frames got;
  do got.push_back(receive(socket, flags));
  while (get(socket, ZMQ_RCVMORE) != 0);
  return got;
}

zmq_test::zmq_test() : context_(zmq_ctx_new()) {}

zmq_test::~zmq_test() {
  for (void* const each : open_) EXPECT_EQ(error_of(zmq_close(each)), 0);
  if (context_ == nullptr) return;
  EXPECT_EQ(error_of(zmq_ctx_term(context_)), 0);
}

void* zmq_test::socket(int type) {
  void* const made = zmq_socket(context_, type);
  EXPECT_NE(made, nullptr) << type << ": " << zmq_strerror(zmq_errno());
  open_.push_back(made);
  set(made, ZMQ_LINGER, 0);
  set(made, ZMQ_RCVTIMEO, patience);
  set(made, ZMQ_SNDTIMEO, patience);
  return made;
}

void zmq_test::forget(void* socket) { std::erase(open_, socket); }

void zmq_test::close(void* socket) {
  EXPECT_EQ(error_of(zmq_close(socket)), 0);
  forget(socket);
}

}  // namespace monocoque::test
