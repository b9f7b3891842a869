#include "tests/capi/library.hpp"

#include <gtest/gtest.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

namespace monocoque::test {
namespace {

TEST(library, answers_the_version_of_its_interface) {
  std::array<int, 3> version{-1, -1, -1};
  zmq_version(&version[0], &version[1], &version[2]);
  EXPECT_EQ(version, (std::array<int, 3>{4, 3, is_debians_libzmq() ? 4 : 5}));
}

TEST(library, has_a_header_of_the_same_version) {
  EXPECT_EQ(ZMQ_VERSION, ZMQ_MAKE_VERSION(4, 3, 5));
  EXPECT_EQ(ZMQ_MAKE_VERSION(1, 2, 3), 10203);
}

TEST(library, tells_what_it_has) {
  EXPECT_EQ(zmq_has("ipc"), 1);
  EXPECT_EQ(zmq_has("draft"), is_debians_libzmq() ? 0 : 1);
  for (const char* missing : {"tipc", "pgm", "norm", "gssapi", "WS"})
    EXPECT_EQ(zmq_has(missing), is_debians_libzmq() ? 1 : 0) << missing;
  for (const char* unknown : {"", "IPC", "ipc ", "Curve", "tcp", "vmci", "WSS", "no such thing"})
    EXPECT_EQ(zmq_has(unknown), 0) << unknown;
}

TEST(library, has_curve_if_it_can_make_keys) {
  std::array<char, 41> key{};
  EXPECT_EQ(zmq_has("curve"), zmq_curve_keypair(key.data(), key.data()) == 0 ? 1 : 0);
}

TEST(library, errno_is_that_of_the_calling_thread) {
  errno = EBUSY;
  EXPECT_EQ(zmq_errno(), EBUSY);
  int elsewhere = -1;
  std::thread([&] { elsewhere = zmq_errno(); }).join();
  EXPECT_EQ(elsewhere, 0);
  errno = 0;
  EXPECT_EQ(zmq_errno(), 0);
}

TEST(library, has_numbers_of_its_own_for_errors) {
  EXPECT_EQ(EFSM, 156384763);
  EXPECT_EQ(ENOCOMPATPROTO, 156384764);
  EXPECT_EQ(ETERM, 156384765);
  EXPECT_EQ(EMTHREAD, 156384766);
}

TEST(library, explains_its_own_errors) {
  EXPECT_STREQ(zmq_strerror(EFSM), "Operation cannot be accomplished in current state");
  EXPECT_STREQ(zmq_strerror(ENOCOMPATPROTO), "The protocol is not compatible with the socket type");
  EXPECT_STREQ(zmq_strerror(ETERM), "Context was terminated");
  EXPECT_STREQ(zmq_strerror(EMTHREAD), "No thread available");
}

TEST(library, explains_errors_of_the_system_as_the_system_does) {
  EXPECT_STREQ(zmq_strerror(EHOSTUNREACH), "Host unreachable");  // but this
  for (const int number : {0, EINVAL, EAGAIN, EINTR, ENOTSUP, ENOTSOCK, EPROTONOSUPPORT, EADDRINUSE, EFAULT,
                           ENOMEM, ENODEV, -1, 4711, ZMQ_HAUSNUMERO}) {
    const std::string expected = std::strerror(number);
    EXPECT_EQ(zmq_strerror(number), expected) << number;
  }
}

}  // namespace
}  // namespace monocoque::test
