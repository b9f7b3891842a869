#include "io/test_loop.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/resource.h>
#include <sys/un.h>

namespace monocoque::io {
namespace {

class accept_connect_test : public io_test {};
MONOCOQUE_ON_BOTH_DRIVERS(accept_connect_test);

struct connections {
  void on_connection(acceptor::outcome& outcome) noexcept {
    if (outcome.fd >= 0) fds.push_back(outcome.fd);
    errors += outcome.error != 0 ? 1 : 0;
    last_error = outcome.error;
    if (stop_after != 0 && fds.size() == stop_after) door->stop();
  }
  [[nodiscard]] callback<acceptor::outcome&> tell() noexcept {
    return bind_callback<&connections::on_connection>(this);
  }
  void close_all() {
    for (const int fd : fds) ::close(fd);
    fds.clear();
  }
  ~connections() { close_all(); }
  std::vector<int> fds;
  int errors = 0;
  int last_error = 0;
  acceptor* door = nullptr;
  std::size_t stop_after = 0;
};

struct dial {
  explicit dial(loop& owner) : dialler(owner) {}
  void on_connect(int outcome) noexcept { error = outcome; }
  void start(int fd, const void* address, unsigned size) {
    dialler.start(fd, address, size, bind_callback<&dial::on_connect>(this));
  }
  connector dialler;
  int error = -1;
};

struct ready {
  explicit ready(loop& owner) : watch(owner) {}
  void on_ready(fd_watch::outcome& result) noexcept {
    ++calls;
    outcome = result;
  }
  void start(int fd, short events) { watch.start(fd, events, bind_callback<&ready::on_ready>(this)); }
  fd_watch watch;
  int calls = 0;
  fd_watch::outcome outcome;
};

int new_socket(int family = AF_INET) {
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

TEST_P(accept_connect_test, connections_are_made_and_accepted) {
  const tcp_listener listener;
  acceptor door(*loop_, listener.fd);
  connections accepted;
  door.start(accepted.tell());
  constexpr std::size_t count = 100;
  std::vector<std::unique_ptr<dial>> dials;
  std::vector<int> fds;
  for (std::size_t number = 0; number < count; ++number) {
    fds.push_back(new_socket());
    dials.push_back(std::make_unique<dial>(*loop_));
    dials.back()->start(fds.back(), &listener.address, sizeof listener.address);
  }
  ASSERT_TRUE(run_until([&] { return accepted.fds.size() == count; }));
  for (const auto& one : dials) {
    ASSERT_TRUE(run_until([&] { return !one->dialler.pending(); }));
    EXPECT_EQ(one->error, 0);
  }
  for (const int fd : accepted.fds) {
    EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  door.stop();
  ASSERT_TRUE(run_until([&] { return !door.pending(); }));
  for (const int fd : fds) ::close(fd);
}

TEST_P(accept_connect_test, an_acceptor_may_be_stopped_by_its_own_callback) {
  const tcp_listener listener;
  acceptor door(*loop_, listener.fd);
  connections accepted;
  accepted.door = &door;
  accepted.stop_after = 2;
  std::vector<int> clients;
  for (int count = 0; count < 5; ++count) clients.push_back(listener.connect_one());
  door.start(accepted.tell());
  ASSERT_TRUE(run_until([&] { return !door.pending(); }));
  EXPECT_EQ(accepted.fds.size(), 2U);
  EXPECT_EQ(accepted.errors, 1);
  EXPECT_EQ(accepted.last_error, ECANCELED);
  for (const int fd : clients) ::close(fd);
}

TEST_P(accept_connect_test, the_port_is_free_as_soon_as_the_acceptor_is_gone) {
  const tcp_listener listener;
  {
    acceptor door(*loop_, listener.fd);
    connections accepted;
    door.start(accepted.tell());
    tick();
    door.stop();
    ASSERT_TRUE(run_until([&] { return !door.pending(); }));
  }
  const int again = new_socket();
  EXPECT_EQ(::bind(again, reinterpret_cast<const sockaddr*>(&listener.address), sizeof listener.address), 0);
  EXPECT_EQ(::listen(again, 1), 0);
  ::close(again);
}

TEST_P(accept_connect_test, running_out_of_descriptors_pauses_accepting_until_resumed) {
  const tcp_listener listener;
  acceptor door(*loop_, listener.fd);
  connections accepted;
  std::vector<int> clients;
  for (int count = 0; count < 5; ++count) clients.push_back(listener.connect_one());
  // The lowest free number is what the next descriptor would get: two more, and no more.
  const int lowest = ::dup(listener.fd);
  ::close(lowest);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit tight{.rlim_cur = static_cast<rlim_t>(lowest) + 2, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  door.start(accepted.tell());
  const bool paused = run_until([&] { return accepted.errors > 0; });
  tick();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(paused);
  EXPECT_EQ(accepted.last_error, EMFILE);
  EXPECT_EQ(accepted.errors, 1) << "it says so once and does not spin";
  EXPECT_EQ(accepted.fds.size(), 2U);
  EXPECT_TRUE(door.pending());
  tick();
  EXPECT_EQ(accepted.fds.size(), 2U) << "paused";
  door.resume();
  door.resume();
  ASSERT_TRUE(run_until([&] { return accepted.fds.size() == 5; }));
  door.stop();
  ASSERT_TRUE(run_until([&] { return !door.pending(); }));
  for (const int fd : clients) ::close(fd);
}

TEST_P(accept_connect_test, a_paused_acceptor_can_be_stopped) {
  // Not listening: the first accept fails.
  acceptor door(*loop_, new_socket());
  connections accepted;
  door.start(accepted.tell());
  ASSERT_TRUE(run_until([&] { return accepted.errors == 1; }));
  EXPECT_EQ(accepted.last_error, EINVAL);
  EXPECT_TRUE(door.pending());
  door.stop();
  ASSERT_TRUE(run_until([&] { return !door.pending(); }));
  EXPECT_EQ(accepted.last_error, ECANCELED);
  EXPECT_EQ(accepted.errors, 2);
}

TEST_P(accept_connect_test, a_refused_connection_says_so) {
  const tcp_listener listener;
  ::close(listener.fd);
  const int fd = new_socket();
  dial one(*loop_);
  one.start(fd, &listener.address, sizeof listener.address);
  ASSERT_TRUE(run_until([&] { return !one.dialler.pending(); }));
  EXPECT_EQ(one.error, ECONNREFUSED);
  ::close(fd);
}

TEST_P(accept_connect_test, a_missing_unix_socket_says_so) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/nowhere/to/be/found");
  const int fd = new_socket(AF_UNIX);
  dial one(*loop_);
  one.start(fd, &address, sizeof address);
  ASSERT_TRUE(run_until([&] { return !one.dialler.pending(); }));
  EXPECT_EQ(one.error, ENOENT);
  ::close(fd);
}

TEST_P(accept_connect_test, a_connected_descriptor_becomes_a_stream) {
  const tcp_listener listener;
  const int fd = new_socket();
  dial one(*loop_);
  one.start(fd, &listener.address, sizeof listener.address);
  ASSERT_TRUE(run_until([&] { return !one.dialler.pending(); }));
  ASSERT_EQ(one.error, 0);
  const int accepted = ::accept(listener.fd, nullptr, nullptr);
  stream near(*loop_, fd);
  read_log read;
  near.reader().read_some(read.tell());
  tick();
  ASSERT_EQ(::send(accepted, "hi", 2, 0), 2);
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  EXPECT_EQ(read.last.data, "hi");
  ::close(accepted);
  ::close(listener.fd);
}

TEST_P(accept_connect_test, a_watch_tells_of_readiness_once) {
  const auto [left, right] = make_socketpair();
  ready read(*loop_);
  ready write(*loop_);
  read.start(left, POLLIN);
  write.start(left, POLLOUT);  // the same descriptor, watched by two
  ASSERT_TRUE(run_until([&] { return write.calls == 1; }));
  EXPECT_EQ(write.outcome.ready, POLLOUT);
  EXPECT_EQ(read.calls, 0);
  ASSERT_EQ(::write(right, "x", 1), 1);
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  EXPECT_EQ(read.outcome.ready, POLLIN);
  tick();
  EXPECT_EQ(read.calls + write.calls, 2);
  read.start(left, POLLIN);  // level: what is there already counts
  ASSERT_TRUE(run_until([&] { return read.calls == 2; }));
  ::close(left);
  ::close(right);
}

TEST_P(accept_connect_test, a_descriptor_watched_by_three_is_ready_for_all_three) {
  const auto [left, right] = make_socketpair();
  ready first(*loop_), second(*loop_), third(*loop_);
  for (ready* one : {&first, &second, &third}) one->start(left, POLLIN);
  tick();
  ASSERT_EQ(::write(right, "x", 1), 1);
  ASSERT_TRUE(run_until([&] { return first.calls + second.calls + third.calls == 3; }));
  ::close(left);
  ::close(right);
}

TEST_P(accept_connect_test, the_descriptor_of_a_stream_can_be_watched) {
  const auto [left, right] = make_socketpair();
  stream near(*loop_, left);
  read_log read;
  near.reader().read_some(read.tell());
  tick();
  ready writable(*loop_);
  writable.start(left, POLLOUT);
  ASSERT_TRUE(run_until([&] { return writable.calls == 1; }));
  ASSERT_EQ(::write(right, "x", 1), 1);
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  ::close(right);
}

TEST_P(accept_connect_test, a_hang_up_is_seen_whatever_is_watched_for) {
  const auto [left, right] = make_socketpair();
  ready one(*loop_);
  one.start(left, POLLIN);
  tick();
  ::close(right);
  ASSERT_TRUE(run_until([&] { return one.calls == 1; }));
  EXPECT_NE(one.outcome.ready & POLLHUP, 0);
  ::close(left);
}

TEST_P(accept_connect_test, a_regular_file_is_always_ready) {
  const auto path = std::filesystem::temp_directory_path() / ("monocoque_io_" + std::to_string(::getpid()));
  std::ofstream(path) << "text";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  std::filesystem::remove(path);
  ready one(*loop_);
  one.start(fd, POLLIN);
  ASSERT_TRUE(run_until([&] { return one.calls == 1; }));
  EXPECT_EQ(one.outcome.error, 0);
  EXPECT_EQ(one.outcome.ready & POLLIN, POLLIN);
  ::close(fd);
}

TEST_P(accept_connect_test, more_operations_at_once_than_the_rings_hold_all_complete) {
  const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  std::vector<std::unique_ptr<ready>> watches;
  for (int count = 0; count < 10'000; ++count) {
    watches.push_back(std::make_unique<ready>(*loop_));
    watches.back()->start(fd, POLLIN);
  }
  const auto calls = [&] {
    int sum = 0;
    for (const auto& one : watches) sum += one->calls;
    return sum;
  };
  ASSERT_TRUE(run_until([&] { return calls() >= 10'000; }));
  tick();
  EXPECT_EQ(calls(), 10'000);
  ::close(fd);
}

TEST_P(accept_connect_test, watching_a_closed_descriptor_is_an_error) {
  const auto [left, right] = make_socketpair();
  ::close(left);
  ::close(right);
  ready one(*loop_);
  one.start(left, POLLIN);
  ASSERT_TRUE(run_until([&] { return one.calls == 1; }));
  EXPECT_EQ(one.outcome.error, EBADF);
}

}  // namespace
}  // namespace monocoque::io
