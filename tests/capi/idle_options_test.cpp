// Options that are kept and told to who asks, and have nothing to do on Linux.

#include <gtest/gtest.h>
#include <zmq.h>

#include <cerrno>
#include <cstddef>

namespace monocoque::test {
namespace {

TEST(idle_options, the_fast_path_of_windows_is_kept) {
  constexpr int loopback_fast_path = 94;
  void* const ctx = zmq_ctx_new();
  void* const socket = zmq_socket(ctx, ZMQ_PUSH);
  int value = -1;
  std::size_t size = sizeof value;
  EXPECT_EQ(zmq_getsockopt(socket, loopback_fast_path, &value, &size), 0);
  EXPECT_EQ(value, 0);
  value = 7;
  EXPECT_EQ(zmq_setsockopt(socket, loopback_fast_path, &value, sizeof value), 0);
  EXPECT_EQ(zmq_getsockopt(socket, loopback_fast_path, &value, &size), 0);
  EXPECT_EQ(value, 1);
  EXPECT_EQ(zmq_setsockopt(socket, loopback_fast_path, "x", 1), -1);
  EXPECT_EQ(errno, EINVAL);
  zmq_close(socket);
  zmq_ctx_term(ctx);
}

}  // namespace
}  // namespace monocoque::test
