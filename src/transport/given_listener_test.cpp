#include "transport/listener.hpp"
#include "transport/test_support.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace monocoque::transport {
namespace {

using testing::listen_on_text;
using testing::temporary_folder;

/// A socket that listens at `at`, made as a program would that knows nothing of us.
unique_fd listening_at(const socket_address& at) {
  unique_fd made(::socket(at.family(), SOCK_STREAM, 0));
  if (::bind(made.fd(), at.data(), at.size()) != 0 || ::listen(made.fd(), 1) != 0) made.reset();
  return made;
}
unique_fd listening_anywhere() { return listening_at(socket_address::any(AF_INET, 0)); }

TEST(given_listener, of_tcp_is_taken_over_wherever_it_listens) {
  unique_fd given = listening_anywhere();
  const std::string where = socket_address::of_socket(given.fd()).to_endpoint();
  auto made = listen_on_text("tcp://127.0.0.1:1", {.listening_descriptor = given.fd()});
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_EQ(made->fd(), given.release());
  EXPECT_EQ(made->last_endpoint(), where);
  EXPECT_NE(::fcntl(made->fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(made->fd(), F_GETFD) & FD_CLOEXEC, 0);
  const int fd = made->fd();
  made->close();
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1) << "it is ours to close";
}

TEST(given_listener, of_ipc_leaves_the_file_to_whoever_made_it) {
  const temporary_folder folder;
  const std::string place = folder.ipc("s");
  const std::string path = place.substr(std::string_view("ipc://").size());
  unique_fd given = listening_at(socket_address::local(path));
  auto made = listen_on_text(place, {.listening_descriptor = given.fd()});
  ASSERT_TRUE(made.has_value()) << made.error().message();
  (void)given.release();
  EXPECT_EQ(made->last_endpoint(), place);
  EXPECT_EQ(made->unlink_path(), "");
  made->close();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(given_listener, that_does_not_fit_is_refused_and_left_open) {
  const unique_fd internet = listening_anywhere();
  const unique_fd not_listening(::socket(AF_INET, SOCK_STREAM, 0));
  const unique_fd no_stream(::socket(AF_INET, SOCK_DGRAM, 0));
  const unique_fd no_socket(::open("/dev/null", O_RDONLY));
  const auto refuses = [](const std::string& where, int fd) {
    const auto made = listen_on_text(where, {.listening_descriptor = fd});
    return !made && made.error() == errc::invalid_argument && ::fcntl(fd, F_GETFD) != -1;
  };
  const temporary_folder folder;
  EXPECT_TRUE(refuses(folder.ipc("s"), internet.fd()));
  EXPECT_TRUE(refuses("tcp://127.0.0.1:0", not_listening.fd()));
  EXPECT_TRUE(refuses("tcp://127.0.0.1:0", no_stream.fd()));
  EXPECT_TRUE(refuses("tcp://127.0.0.1:0", no_socket.fd()));
}

TEST(given_listener, that_is_not_open_is_refused) {
  unique_fd gone = listening_anywhere();
  const int fd = gone.fd();
  gone.reset();
  const auto made = listen_on_text("tcp://127.0.0.1:0", {.listening_descriptor = fd});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error(), errc::invalid_argument);
  EXPECT_EQ(made.error().endpoint(), "tcp://127.0.0.1:0");
}

}  // namespace
}  // namespace monocoque::transport
