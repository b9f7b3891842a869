// Options of which libzmq takes more, or less, than their type says.

#include <gtest/gtest.h>
#include <zmq.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace monocoque::test {
namespace {

class loose_options : public testing::Test {
 protected:
  ~loose_options() override {
    zmq_close(socket_);
    zmq_ctx_term(ctx_);
  }
  void* ctx_ = zmq_ctx_new();
  void* socket_ = zmq_socket(ctx_, ZMQ_SUB);
};

TEST_F(loose_options, matching_is_inverted_by_anything_but_0) {
  for (const int value : {-2, 1, 256, 0}) {
    EXPECT_EQ(zmq_setsockopt(socket_, ZMQ_INVERT_MATCHING, &value, sizeof value), 0) << value;
    int told = -1;
    std::size_t size = sizeof told;
    EXPECT_EQ(zmq_getsockopt(socket_, ZMQ_INVERT_MATCHING, &told, &size), 0);
    EXPECT_EQ(told, value != 0 ? 1 : 0) << value;
  }
}

TEST_F(loose_options, metadata_has_a_name_and_a_value) {
  constexpr int metadata = 95;
  EXPECT_EQ(zmq_setsockopt(socket_, metadata, "X-a:b", 5), 0);
  for (const char* const wrong : {"X-abc:", "X-abcd", "abc:de"}) {
    EXPECT_EQ(zmq_setsockopt(socket_, metadata, wrong, std::strlen(wrong)), -1) << wrong;
    EXPECT_EQ(errno, EINVAL);
  }
}

}  // namespace
}  // namespace monocoque::test
