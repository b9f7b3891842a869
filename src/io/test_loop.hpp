#pragma once

#include "io/driver.hpp"
#include "io/loop.hpp"
#include "io/stream.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace monocoque::io {

/// Tests that hold for both drivers. io_uring is left out, with its own reason, where this kernel does not
/// grant it.
class io_test : public testing::TestWithParam<driver_kind> {
 protected:
  void SetUp() override {
    auto made = loop::create({.driver = GetParam()});
    if (!made) GTEST_SKIP() << made.error().message();
    loop_ = *std::move(made);
  }

  /// Runs the loop until `done()`; the bound is there so that a bug fails a test instead of hanging it.
  template <class Condition>
  [[nodiscard]] bool run_until(Condition done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      loop_->run_once(give_up);
    }
    return true;
  }
  /// Lets whatever is under way get somewhere: ticks that do not wait.
  void tick(int times = 4) {
    for (int count = 0; count < times; ++count) loop_->run_once(time_point::min());
  }

  std::unique_ptr<loop> loop_;
};

inline std::string driver_name(const testing::TestParamInfo<driver_kind>& info) {
  return std::string(name_of(info.param));
}

#define MONOCOQUE_ON_BOTH_DRIVERS(fixture)                                                       \
  INSTANTIATE_TEST_SUITE_P(                                                                      \
      drivers, fixture,                                                                          \
      testing::Values(::monocoque::io::driver_kind::uring, ::monocoque::io::driver_kind::epoll), \
      ::monocoque::io::driver_name)

/// Remembers what a read brought.
struct read_log {
  void on_read(read_outcome& outcome) noexcept {
    ++calls;
    last = std::move(outcome);
  }
  [[nodiscard]] callback<read_outcome&> tell() noexcept { return bind_callback<&read_log::on_read>(this); }
  int calls = 0;
  read_outcome last;
};

struct write_log {
  void on_write(write_outcome& outcome) noexcept {
    ++calls;
    last = outcome;
  }
  [[nodiscard]] callback<write_outcome&> tell() noexcept { return bind_callback<&write_log::on_write>(this); }
  int calls = 0;
  write_outcome last;
};

[[nodiscard]] inline iovec part_of(std::string_view text) noexcept {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

[[nodiscard]] inline std::pair<int, int> make_socketpair() {
  std::array<int, 2> fds{-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {fds[0], fds[1]};
}

/// A listening socket on a free port of the loopback interface.
struct tcp_listener {
  tcp_listener() {
    fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd, 1024), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  }
  /// A blocking connection to it, made non-blocking.
  [[nodiscard]] int connect_one() const {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return client;
  }
  int fd = -1;
  sockaddr_in address{};
};

[[nodiscard]] inline std::pair<int, int> make_tcp_pair() {
  const tcp_listener listener;
  const int client = listener.connect_one();
  const int server = ::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  EXPECT_GE(server, 0);
  ::close(listener.fd);
  return {server, client};
}

}  // namespace monocoque::io
