// Cancelling each kind of operation: before the driver has seen it, while it waits, and after it has
// finished.
#include "io/test_loop.hpp"

#include <poll.h>

namespace monocoque::io {
namespace {

class cancel_test : public io_test {};
MONOCOQUE_ON_BOTH_DRIVERS(cancel_test);

struct connect_log {
  void on_connect(int outcome) noexcept {
    ++calls;
    error = outcome;
  }
  [[nodiscard]] callback<int> tell() noexcept { return bind_callback<&connect_log::on_connect>(this); }
  int calls = 0;
  int error = -1;
};
struct watch_log {
  void on_ready(fd_watch::outcome& outcome) noexcept {
    ++calls;
    last = outcome;
  }
  [[nodiscard]] callback<fd_watch::outcome&> tell() noexcept {
    return bind_callback<&watch_log::on_ready>(this);
  }
  int calls = 0;
  fd_watch::outcome last;
};
struct accept_log {
  void on_connection(acceptor::outcome& outcome) noexcept {
    ++calls;
    last_error = outcome.error;
    if (outcome.fd >= 0) fds.push_back(outcome.fd);
  }
  [[nodiscard]] callback<acceptor::outcome&> tell() noexcept {
    return bind_callback<&accept_log::on_connection>(this);
  }
  ~accept_log() {
    for (const int fd : fds) ::close(fd);
  }
  int calls = 0;
  int last_error = 0;
  std::vector<int> fds;
};

/// Fills the socket until nothing more goes in.
void fill(stream& one) {
  static const std::string block(1U << 16, 'x');
  const std::array parts{part_of(block)};
  while (one.writer().try_write(parts).size > 0) {
  }
}

TEST_P(cancel_test, a_read_before_it_is_submitted_and_while_it_waits) {
  const auto [left, right] = make_socketpair();
  stream near(*loop_, left);
  stream far(*loop_, right);
  std::array<std::byte, 8> room{};
  for (const bool into_memory : {false, true}) {
    for (const int ticks : {0, 1, 5}) {
      read_log read;
      if (into_memory) {
        near.reader().read_into(room, read.tell());
      } else {
        near.reader().read_some(read.tell());
      }
      tick(ticks);
      near.reader().cancel();
      near.reader().cancel();
      EXPECT_EQ(read.calls, 0) << "a cancel calls nobody";
      ASSERT_TRUE(run_until([&] { return !near.reader().pending(); }));
      EXPECT_EQ(read.calls, 1);
      EXPECT_EQ(read.last.error, ECANCELED);
      EXPECT_EQ(read.last.size, 0U);
    }
  }
  // Nothing is lost by it, and nothing of it lingers.
  const std::array parts{part_of("hello")};
  EXPECT_EQ(far.writer().try_write(parts).size, 5U);
  read_log read;
  near.reader().read_some(read.tell());
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  EXPECT_EQ(read.last.data, "hello");
  near.reader().cancel();
  tick();
  EXPECT_EQ(read.calls, 1);
}

TEST_P(cancel_test, a_read_that_has_its_bytes_already_keeps_them) {
  const auto [left, right] = make_socketpair();
  stream near(*loop_, left);
  stream far(*loop_, right);
  read_log read;
  near.reader().read_some(read.tell());
  tick();
  const std::array parts{part_of("hello")};
  EXPECT_EQ(far.writer().try_write(parts).size, 5U);
  near.reader().cancel();
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  std::string all(read.last.data.view());
  if (read.last.error != 0) {  // the cancel was first: the bytes must still be in the socket
    EXPECT_EQ(read.last.error, ECANCELED);
    near.reader().read_some(read.tell());
    ASSERT_TRUE(run_until([&] { return read.calls == 2; }));
    all = read.last.data.str();
  }
  EXPECT_EQ(all, "hello");
}

TEST_P(cancel_test, a_write_before_it_is_submitted_and_while_it_waits) {
  const auto [left, right] = make_socketpair();
  stream near(*loop_, left);
  const stream far(*loop_, right);
  fill(near);
  const std::array parts{part_of("one"), part_of("two")};
  for (const std::size_t count : {1U, 2U}) {
    for (const int ticks : {0, 1, 5}) {
      write_log written;
      near.writer().write(std::span(parts).first(count), written.tell());
      tick(ticks);
      EXPECT_EQ(written.calls, 0);
      near.writer().cancel();
      ASSERT_TRUE(run_until([&] { return !near.writer().pending(); }));
      EXPECT_EQ(written.calls, 1);
      EXPECT_EQ(written.last.error, ECANCELED);
      near.writer().cancel();
      tick();
      EXPECT_EQ(written.calls, 1);
    }
  }
}

TEST_P(cancel_test, an_acceptor_before_it_is_submitted_while_it_waits_and_while_connections_come_in) {
  for (const int ticks : {0, 1, 5}) {
    for (const int clients : {0, 3}) {
      const tcp_listener listener;
      acceptor door(*loop_, listener.fd);
      accept_log log;
      door.start(log.tell());
      EXPECT_TRUE(door.pending());
      tick(ticks);
      std::vector<int> connected;
      for (int client = 0; client < clients; ++client) connected.push_back(listener.connect_one());
      door.stop();
      door.stop();
      ASSERT_TRUE(run_until([&] { return !door.pending(); }));
      EXPECT_EQ(log.last_error, ECANCELED);
      EXPECT_EQ(log.calls, static_cast<int>(log.fds.size()) + 1);
      const int calls = log.calls;
      tick();
      EXPECT_EQ(log.calls, calls);
      for (const int fd : connected) ::close(fd);
    }
  }
}

TEST_P(cancel_test, a_connect_before_it_is_submitted_while_it_waits_and_after_it_is_done) {
  // A listener whose queue is full answers no more: what connects to it waits.
  const tcp_listener listener;
  ASSERT_EQ(::listen(listener.fd, 0), 0);
  std::vector<int> queued;
  for (int count = 0; count < 4; ++count) {
    queued.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    (void)::connect(queued.back(), reinterpret_cast<const sockaddr*>(&listener.address),
                    sizeof listener.address);
  }
  for (const int ticks : {0, 1, 5}) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connector dialler(*loop_);
    connect_log log;
    dialler.start(fd, &listener.address, sizeof listener.address, log.tell());
    tick(ticks);
    EXPECT_EQ(log.calls, 0);
    dialler.cancel();
    ASSERT_TRUE(run_until([&] { return !dialler.pending(); }));
    EXPECT_EQ(log.calls, 1);
    EXPECT_EQ(log.error, ECANCELED);
    dialler.cancel();
    tick();
    EXPECT_EQ(log.calls, 1);
    ::close(fd);
  }
  for (const int fd : queued) ::close(fd);
  ::close(listener.fd);
}

TEST_P(cancel_test, a_watch_before_it_is_submitted_while_it_waits_and_after_it_is_done) {
  const auto [left, right] = make_socketpair();
  for (const int ticks : {0, 1, 5}) {
    fd_watch watch(*loop_);
    watch_log log;
    watch.start(left, POLLIN, log.tell());
    tick(ticks);
    watch.cancel();
    ASSERT_TRUE(run_until([&] { return !watch.pending(); }));
    EXPECT_EQ(log.calls, 1);
    EXPECT_EQ(log.last.error, ECANCELED);
  }
  ASSERT_EQ(::write(right, "x", 1), 1);
  fd_watch watch(*loop_);
  watch_log log;
  watch.start(left, POLLIN, log.tell());
  ASSERT_TRUE(run_until([&] { return log.calls == 1; }));
  EXPECT_EQ(log.last.ready, POLLIN);
  watch.cancel();
  tick();
  EXPECT_EQ(log.calls, 1);
  ::close(left);
  ::close(right);
}

TEST_P(cancel_test, a_thousand_reads_at_once) {
  std::vector<std::unique_ptr<stream>> streams;
  for (int count = 0; count < 500; ++count) {
    const auto [left, right] = make_socketpair();
    streams.push_back(std::make_unique<stream>(*loop_, left));
    streams.push_back(std::make_unique<stream>(*loop_, right));
  }
  read_log read;
  for (const auto& one : streams) one->reader().read_some(read.tell());
  tick();
  for (const auto& one : streams) one->reader().cancel();
  ASSERT_TRUE(run_until([&] { return read.calls == 1000; }));
  EXPECT_EQ(read.last.error, ECANCELED);
}

}  // namespace
}  // namespace monocoque::io
