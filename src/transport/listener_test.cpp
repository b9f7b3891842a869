#include "transport/listener.hpp"

#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace monocoque::transport {
namespace {

using testing::listen_on_text;

std::error_code of_errno(int value) { return {value, std::generic_category()}; }

TEST(tcp_listener, last_endpoint_has_the_real_port) {
  const auto listener = listen_on_text("tcp://*:*");
  ASSERT_TRUE(listener.has_value()) << listener.error().message();
  EXPECT_TRUE(listener->last_endpoint().starts_with("tcp://0.0.0.0:"));
  EXPECT_NE(socket_address::of_socket(listener->fd()).port(), 0);
  EXPECT_EQ(listener->last_endpoint(), socket_address::of_socket(listener->fd()).to_endpoint());
  EXPECT_EQ(listener->unlink_path(), "");
  EXPECT_NE(::fcntl(listener->fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(listener->fd(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(tcp_listener, port_in_use_says_so_and_is_free_after_close) {
  auto first = listen_on_text("tcp://127.0.0.1:*");
  ASSERT_TRUE(first.has_value());
  const std::string where = first->last_endpoint();
  const auto second = listen_on_text(where);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), of_errno(EADDRINUSE));
  EXPECT_TRUE(second.error().message().starts_with("bind " + where + ": ")) << second.error().message();
  first->close();
  first->close();
  EXPECT_EQ(first->fd(), -1);
  EXPECT_TRUE(listen_on_text(where).has_value());
}

TEST(tcp_listener, address_of_another_machine_is_an_error) {
  const auto foreign = listen_on_text("tcp://203.0.113.9:*");  // for documentation (RFC 5737)
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().code(), of_errno(EADDRNOTAVAIL));
  EXPECT_EQ(foreign.error().endpoint(), "tcp://203.0.113.9:*");
}

TEST(tcp_listener, released_descriptor_lives_on) {
  auto listener = listen_on_text("tcp://127.0.0.1:*");
  ASSERT_TRUE(listener.has_value());
  const unique_fd handed_on(listener->release_fd());
  listener->close();
  EXPECT_EQ(socket_address::of_socket(handed_on.fd()).to_endpoint(), listener->last_endpoint());
  EXPECT_TRUE(handed_on);
}

TEST(tcp_listener, moves) {
  auto listener = listen_on_text("tcp://127.0.0.1:*");
  ASSERT_TRUE(listener.has_value());
  const int fd = listener->fd();
  listening_socket other;
  other = *std::move(listener);
  EXPECT_EQ(other.fd(), fd);
  const listening_socket third(std::move(other));
  EXPECT_EQ(third.fd(), fd);
}

TEST(unique_fd, closes_what_it_holds_and_keeps_errno) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  unique_fd reading(ends[0]);
  unique_fd writing(ends[1]);
  errno = EXDEV;
  writing = unique_fd();
  EXPECT_EQ(errno, EXDEV);
  char byte = 0;
  EXPECT_EQ(::read(reading.fd(), &byte, 1), 0);  // the end: the writing side is closed
  unique_fd moved(std::move(reading));
  EXPECT_EQ(moved.release(), ends[0]);
  EXPECT_FALSE(moved);
  ::close(ends[0]);
}

}  // namespace
}  // namespace monocoque::transport
