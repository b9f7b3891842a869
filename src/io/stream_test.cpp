#include "io/stream.hpp"

#include "io/test_loop.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <thread>

namespace monocoque::io {
namespace {

class stream_test : public io_test {
 protected:
  void SetUp() override {
    io_test::SetUp();
    if (IsSkipped()) return;
    use(make_socketpair());
  }
  void TearDown() override { drop_streams(); }
  void use(std::pair<int, int> fds) {
    drop_streams();
    near_ = std::make_unique<stream>(*loop_, fds.first);
    far_ = std::make_unique<stream>(*loop_, fds.second);
  }
  void drop_streams() {
    for (auto* one : {&near_, &far_}) {
      if (!*one) continue;
      (*one)->reader().cancel();
      (*one)->writer().cancel();
      EXPECT_TRUE(run_until([&] { return !(*one)->reader().pending() && !(*one)->writer().pending(); }));
      one->reset();
    }
  }

  std::unique_ptr<stream> near_, far_;
};
MONOCOQUE_ON_BOTH_DRIVERS(stream_test);

/// Reads until the end and starts each next read from the callback.
struct collector {
  explicit collector(stream& from) : source(from) { next(); }
  void next() { source.reader().read_some(bind_callback<&collector::on_read>(this)); }
  void on_read(read_outcome& outcome) noexcept {
    error = outcome.error;
    ended = outcome.error != 0 || outcome.size == 0;
    received.append(outcome.data.view());
    ++reads;
    if (!ended) next();
  }
  stream& source;
  std::string received;
  int reads = 0;
  int error = 0;
  bool ended = false;
};

/// Writes all of a text, however short the writes turn out.
struct sender {
  sender(stream& to, std::string_view all) : target(to), left(all) { next(); }
  void next() {
    // Two parts, so that what is left of a short write starts in the middle of either.
    parts[0] = part_of(left.substr(0, left.size() / 3));
    parts[1] = part_of(left.substr(left.size() / 3));
    target.writer().write(parts, bind_callback<&sender::on_write>(this));
  }
  void on_write(write_outcome& outcome) noexcept {
    error = outcome.error;
    ++writes;
    left.remove_prefix(outcome.size);
    if (error == 0 && !left.empty()) return next();
    target.shutdown_write();
  }
  stream& target;
  std::string_view left;
  std::array<iovec, 2> parts{};
  int writes = 0;
  int error = 0;
};

std::string patterned(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& character : text) {
    state = state * 1664525 + 1013904223;
    character = static_cast<char>(state >> 24);
  }
  return text;
}

TEST_P(stream_test, what_is_written_on_one_end_is_read_on_the_other) {
  read_log read;
  write_log written;
  far_->reader().read_some(read.tell());
  EXPECT_TRUE(far_->reader().pending());
  const std::array parts{part_of("hel"), part_of("lo")};
  near_->writer().write(parts, written.tell());
  EXPECT_EQ(read.calls + written.calls, 0) << "nothing is delivered inside the call that starts";
  ASSERT_TRUE(run_until([&] { return read.calls == 1 && written.calls == 1; }));
  EXPECT_EQ(written.last.error, 0);
  EXPECT_EQ(written.last.size, 5U);
  EXPECT_EQ(read.last.error, 0);
  EXPECT_EQ(read.last.size, 5U);
  EXPECT_EQ(read.last.data, "hello");
  EXPECT_FALSE(far_->reader().pending());
}

TEST_P(stream_test, reads_into_memory_of_the_caller) {
  std::array<std::byte, 4> room{};
  read_log read;
  far_->reader().read_into(room, read.tell());
  const std::array parts{part_of("hello")};
  EXPECT_EQ(near_->writer().try_write(parts).size, 5U);
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  EXPECT_EQ(read.last.size, 4U);
  EXPECT_EQ(std::memcmp(room.data(), "hell", 4), 0);
  far_->reader().read_into(room, read.tell());
  ASSERT_TRUE(run_until([&] { return read.calls == 2; }));
  EXPECT_EQ(read.last.size, 1U);
}

TEST_P(stream_test, large_transfers_survive_short_writes) {
  const std::string text = patterned(8U << 20);
  for (const bool tcp : {false, true}) {
    if (tcp) use(make_tcp_pair());
    collector sink(*far_);
    const sender source(*near_, text);
    ASSERT_TRUE(run_until([&] { return sink.ended; }));
    EXPECT_EQ(sink.error, 0);
    EXPECT_EQ(source.error, 0);
    EXPECT_GT(source.writes, 1);
    EXPECT_TRUE(sink.received == text);
  }
}

TEST_P(stream_test, both_directions_flow_at_once) {
  use(make_tcp_pair());
  const std::string text = patterned(4U << 20);
  collector near_sink(*near_);
  collector far_sink(*far_);
  const sender from_near(*near_, text);
  const sender from_far(*far_, text);
  ASSERT_TRUE(run_until([&] { return near_sink.ended && far_sink.ended; }));
  EXPECT_TRUE(near_sink.received == text);
  EXPECT_TRUE(far_sink.received == text);
}

TEST_P(stream_test, the_end_of_the_stream_is_a_read_of_nothing_every_time) {
  const std::array parts{part_of("bye")};
  EXPECT_EQ(near_->writer().try_write(parts).size, 3U);
  near_->shutdown_write();
  read_log read;
  far_->reader().read_some(read.tell());
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  EXPECT_EQ(read.last.data, "bye");
  for (int again = 2; again < 5; ++again) {
    far_->reader().read_some(read.tell());
    ASSERT_TRUE(run_until([&] { return read.calls == again; }));
    EXPECT_EQ(read.last.error, 0);
    EXPECT_EQ(read.last.size, 0U);
    EXPECT_TRUE(read.last.data.empty());
  }
}

TEST_P(stream_test, the_end_is_seen_by_a_read_that_waits) {
  read_log read;
  far_->reader().read_some(read.tell());
  tick();
  EXPECT_EQ(read.calls, 0);
  near_.reset();
  ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
  EXPECT_EQ(read.last.error, 0);
  EXPECT_EQ(read.last.size, 0U);
}

TEST_P(stream_test, a_reset_is_an_error_and_ends_a_waiting_write) {
  use(make_tcp_pair());
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ASSERT_EQ(::setsockopt(far_->fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
  const std::string text = patterned(16U << 20);
  const sender source(*near_, text);
  read_log read;
  near_->reader().read_some(read.tell());
  tick(20);
  EXPECT_TRUE(near_->writer().pending()) << "the peer does not read, so this cannot have been written";
  far_.reset();
  ASSERT_TRUE(run_until([&] { return read.calls == 1 && !near_->writer().pending(); }));
  EXPECT_TRUE(read.last.error == ECONNRESET || source.error == ECONNRESET);
  EXPECT_NE(source.error, 0);
}

TEST_P(stream_test, writing_to_a_closed_peer_is_an_error_and_no_signal) {
  far_.reset();
  const std::array parts{part_of("x")};
  write_log written;
  near_->writer().write(parts, written.tell());
  ASSERT_TRUE(run_until([&] { return written.calls == 1; }));
  EXPECT_EQ(written.last.error, EPIPE);
  EXPECT_EQ(near_->writer().try_write(parts).error, EPIPE);
}

TEST_P(stream_test, try_write_says_nothing_was_written_when_the_socket_is_full) {
  const std::string text(1U << 16, 'x');
  const std::array parts{part_of(text)};
  std::size_t written = 0;
  for (;;) {
    const write_outcome outcome = near_->writer().try_write(parts);
    ASSERT_EQ(outcome.error, 0);
    if (outcome.size == 0) break;
    written += outcome.size;
  }
  write_log waiting;
  near_->writer().write(parts, waiting.tell());
  tick();
  EXPECT_EQ(waiting.calls, 0);
  collector sink(*far_);
  ASSERT_TRUE(run_until([&] { return waiting.calls == 1; }));
  EXPECT_GT(waiting.last.size, 0U);
  near_->shutdown_write();
  ASSERT_TRUE(run_until([&] { return sink.ended; }));
  EXPECT_EQ(sink.received.size(), written + waiting.last.size);
}

TEST_P(stream_test, what_has_not_arrived_when_it_is_abandoned_never_arrives) {
  use(make_tcp_pair());
  const std::string text = patterned(1U << 20);
  const std::array parts{part_of(text)};
  std::size_t written = 0;
  for (std::size_t size = 1; size > 0; written += size) {
    const write_outcome outcome = near_->writer().try_write(parts);
    ASSERT_EQ(outcome.error, 0);
    size = outcome.size;
  }
  near_->abandon();
  near_.reset();
  collector sink(*far_);
  ASSERT_TRUE(run_until([&] { return sink.ended; }));
  EXPECT_EQ(sink.error, ECONNRESET);
  EXPECT_LT(sink.received.size(), written);
}

TEST_P(stream_test, a_stream_may_be_destroyed_by_its_own_callback) {
  struct destroyer {
    void on_read(read_outcome& outcome) noexcept {
      size = outcome.size;
      victim.reset();
    }
    std::unique_ptr<stream> victim;
    std::size_t size = 0;
  } owner{std::move(far_)};
  owner.victim->reader().read_some(bind_callback<&destroyer::on_read>(&owner));
  const std::array parts{part_of("x")};
  EXPECT_EQ(near_->writer().try_write(parts).size, 1U);
  ASSERT_TRUE(run_until([&] { return owner.victim == nullptr; }));
  EXPECT_EQ(owner.size, 1U);
}

TEST_P(stream_test, a_loop_made_on_one_thread_runs_on_another) {
  // Started here, before the first run.
  read_log read;
  far_->reader().read_some(read.tell());
  const std::array parts{part_of("hello")};
  write_log written;
  near_->writer().write(parts, written.tell());
  std::thread runner([&] {
    EXPECT_TRUE(run_until([&] { return read.calls == 1 && written.calls == 1; }));
    EXPECT_TRUE(loop_->on_its_thread());
    drop_streams();
  });
  runner.join();
  EXPECT_FALSE(loop_->on_its_thread());
  EXPECT_EQ(read.last.data, "hello");
}

TEST_P(stream_test, a_thousand_streams_echo_at_once) {
  constexpr int count = 1000;
  struct echo {
    echo(loop& owner, int fd) : connection(owner, fd) { next(); }
    void next() { connection.reader().read_some(bind_callback<&echo::on_read>(this)); }
    void on_read(read_outcome& outcome) noexcept {
      if (outcome.size == 0) return;
      held = std::move(outcome.data);
      part = {.iov_base = const_cast<std::byte*>(held.data()), .iov_len = held.size()};
      connection.writer().write({&part, 1}, bind_callback<&echo::on_write>(this));
    }
    void on_write(write_outcome&) noexcept { next(); }
    stream connection;
    bytes held;
    iovec part{};
  };
  struct client {
    client(loop& owner, int fd, int number) : connection(owner, fd), text(std::to_string(number)) {}
    void go() {
      part = part_of(text);
      connection.writer().write({&part, 1}, bind_callback<&client::on_write>(this));
      connection.reader().read_some(bind_callback<&client::on_read>(this));
    }
    void on_write(write_outcome&) noexcept {}
    void on_read(read_outcome& outcome) noexcept {
      if (outcome.data == text) ++rounds;
      if (rounds < 3) go();
    }
    stream connection;
    std::string text;
    iovec part{};
    int rounds = 0;
  };
  std::vector<std::unique_ptr<echo>> echoes;
  std::vector<std::unique_ptr<client>> clients;
  for (int number = 0; number < count; ++number) {
    const auto [left, right] = make_socketpair();
    echoes.push_back(std::make_unique<echo>(*loop_, left));
    clients.push_back(std::make_unique<client>(*loop_, right, number));
  }
  for (const auto& one : clients) one->go();
  const auto rounds = [&] {
    int sum = 0;
    for (const auto& one : clients) sum += one->rounds;
    return sum;
  };
  ASSERT_TRUE(run_until([&] { return rounds() == count * 3; }));
  clients.clear();
  ASSERT_TRUE(run_until([&] {
    for (const auto& one : echoes) {
      if (one->connection.reader().pending()) return false;
    }
    return true;
  }));
}

TEST_P(stream_test, many_small_reads_share_a_slab_and_slabs_go_back) {
  const std::array parts{part_of(std::string_view(
      "a payload that is long enough not to be stored inside of the bytes object, so that it pins a slab"))};
  std::vector<bytes> kept;
  for (int count = 0; count < 100; ++count) {
    ASSERT_GT(near_->writer().try_write(parts).size, bytes::inline_capacity);
    read_log read;
    far_->reader().read_some(read.tell());
    ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
    kept.push_back(std::move(read.last.data));
  }
  std::vector<base::buffer*> owners;
  for (const bytes& one : kept) {
    ASSERT_NE(one.owner(), nullptr);
    if (std::find(owners.begin(), owners.end(), one.owner()) == owners.end()) owners.push_back(one.owner());
    EXPECT_EQ(one, kept.front());
  }
  EXPECT_LE(owners.size(), 32U) << "about one a buffer of the ring, not one a read";
  const std::size_t held = loop_->slabs().in_use();
  EXPECT_LE(held, 33U);
  // Enough to use up whole slabs, so that the pool sees some of them again.
  for (int count = 0; count < 100; ++count) {
    const std::string large(60'000, 'x');
    const std::array large_parts{part_of(large)};
    ASSERT_EQ(near_->writer().try_write(large_parts).size, large.size());
    std::size_t size = 0;
    while (size < large.size()) {
      read_log read;
      far_->reader().read_some(read.tell());
      ASSERT_TRUE(run_until([&] { return read.calls == 1; }));
      size += read.last.size;
    }
  }
  EXPECT_LE(loop_->slabs().in_use(), 64U + held);
  const std::shared_ptr<base::slab_pool> pool = loop_->slabs().shared_from_this();
  drop_streams();
  loop_.reset();
  EXPECT_EQ(pool->in_use(), owners.size()) << "what the application holds, and nothing else";
  EXPECT_EQ(kept.back(), kept.front()) << "bytes outlive their loop";
  kept.clear();
  EXPECT_EQ(pool->in_use(), 0U);
}

TEST_P(stream_test, the_slabs_of_a_bulk_transfer_go_back_to_the_pool) {
  const std::string text = patterned(16U << 20);
  collector sink(*far_);
  const sender source(*near_, text);
  ASSERT_TRUE(run_until([&] { return sink.ended; }));
  EXPECT_LE(loop_->slabs().in_use(), 33U);
}

}  // namespace
}  // namespace monocoque::io
