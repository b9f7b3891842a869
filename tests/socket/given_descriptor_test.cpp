// Endpoints whose listening socket the application has made itself: option listening_descriptor.

#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace monocoque::test {
namespace {

class given_descriptor : public testing::TestWithParam<wire> {
 protected:
  void SetUp() override {
    fd_ = GetParam() == wire::tcp ? listen_on_tcp() : listen_on_ipc();
    ASSERT_GE(fd_, 0);
  }

  int listen_on_tcp() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int made = ::socket(AF_INET, SOCK_STREAM, 0);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    EXPECT_EQ(::bind(made, address, size), 0);
    EXPECT_EQ(::listen(made, 1), 0);
    EXPECT_EQ(::getsockname(made, address, &size), 0);
    where_ = "tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    return made;
  }
  int listen_on_ipc() {
    where_ = folder_.ipc("s");
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    const std::string path = where_.substr(std::strlen("ipc://"));
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(made, 1), 0);
    return made;
  }
  [[nodiscard]] bool is_open() const { return ::fcntl(fd_, F_GETFD) != -1; }

  temporary_folder folder_;
  int fd_ = -1;
  std::string where_;
  context ctx_;
};

TEST_P(given_descriptor, accepts_for_the_socket_and_is_closed_with_it) {
  rep server(ctx_, {.listening_descriptor = fd_});
  server.bind(where_);
  EXPECT_EQ(server.last_endpoint(), where_);
  req client(ctx_);
  client.connect(where_);
  client.send("hello");
  EXPECT_EQ(must_receive(server).view(), "hello");
  server.send("world");
  EXPECT_EQ(must_receive(client).view(), "world");
  EXPECT_TRUE(is_open());
  server.close(patience);
  EXPECT_FALSE(is_open());
  if (GetParam() == wire::ipc) {
    EXPECT_TRUE(std::filesystem::exists(where_.substr(std::strlen("ipc://"))));
  }
}

TEST_P(given_descriptor, is_not_taken_over_twice) {
  pull in(ctx_, {.listening_descriptor = fd_});
  in.bind(where_);
  EXPECT_EQ(in.bind(as_result, where_).error().code(), std::errc::address_in_use);
  EXPECT_TRUE(is_open());
  in.unbind(where_);
}

TEST_P(given_descriptor, of_another_transport_is_refused_and_stays_the_applications) {
  pull in(ctx_, {.listening_descriptor = fd_});
  monitor events = in.monitor();
  const std::string other = GetParam() == wire::tcp ? folder_.ipc("other") : "tcp://127.0.0.1:0";
  EXPECT_EQ(in.bind(as_result, other).error(), errc::invalid_argument);
  EXPECT_EQ(await_event(events, event_kind::bind_failed).endpoint, other);
  ASSERT_TRUE(is_open());
  ::close(fd_);
}

INSTANTIATE_TEST_SUITE_P(wires, given_descriptor, testing::Values(wire::tcp, wire::ipc), wire_name);

}  // namespace
}  // namespace monocoque::test
