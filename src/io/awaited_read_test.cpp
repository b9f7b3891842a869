// Reads of connections on which requests and replies take turns, which drivers try straight away.
#include "io/rhythm.hpp"
#include "io/test_loop.hpp"

#include <fcntl.h>
#include <poll.h>
#include <thread>

namespace monocoque::io {
namespace {

TEST(rhythm, is_steady_while_reads_and_writes_take_turns) {
  rhythm turns;
  EXPECT_FALSE(turns.steady());
  for (int i = 0; i < 10; ++i) {
    turns.note_write();
    turns.note_read();
  }
  EXPECT_TRUE(turns.steady());
  turns.note_read();
  EXPECT_FALSE(turns.steady()) << "two reads in a row";
}

TEST(rhythm, is_not_taken_from_a_handshake_nor_kept_by_a_stream) {
  rhythm turns;
  for (int i = 0; i < 4; ++i) {
    turns.note_write();
    turns.note_read();
  }
  EXPECT_FALSE(turns.steady());
  for (int i = 0; i < 4; ++i) {
    turns.note_write();
    turns.note_read();
  }
  EXPECT_TRUE(turns.steady());
  for (int i = 0; i < 4; ++i) turns.note_write();
  EXPECT_FALSE(turns.steady());
}

TEST(rhythm, is_none_where_all_is_written_or_all_is_read) {
  rhythm turns;
  for (int i = 0; i < 10; ++i) turns.note_write();
  turns.note_read();
  EXPECT_FALSE(turns.steady());
  for (int i = 0; i < 10; ++i) turns.note_read();
  turns.note_write();
  EXPECT_FALSE(turns.steady());
}

/// One end of a connection in the loop, the other in the hands of the test.
class conversation {
 public:
  explicit conversation(loop& owner) : conversation(owner, make_socketpair()) {}
  ~conversation() { ::close(far_); }

  void listen() { near_.reader().read_some(heard.tell()); }
  void ask() {
    const std::array parts{part_of("ask")};
    EXPECT_EQ(near_.writer().try_write(parts).size, 3U);
  }
  void reply(std::string_view text) const {
    EXPECT_EQ(::send(far_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  void hang_up() const { ::shutdown(far_, SHUT_WR); }
  [[nodiscard]] stream& near() { return near_; }

  read_log heard;

 private:
  conversation(loop& owner, std::pair<int, int> fds) : near_(owner, fds.first), far_(fds.second) {
    ::fcntl(far_, F_SETFL, 0);  // waits while its bytes do not fit
  }

  stream near_;
  const int far_;
};

class awaited_read_test : public io_test {
 protected:
  void SetUp() override {
    io_test::SetUp();
    if (IsSkipped()) return;
    first_ = talk();
  }
  void TearDown() override {
    for (auto* each : {&first_, &second_}) {
      if (!*each) continue;
      (*each)->near().reader().cancel();
      EXPECT_TRUE(run_until([&] { return !(*each)->near().reader().pending(); }));
      each->reset();
    }
  }
  /// One that has been at it for a while, and waits for the next reply.
  [[nodiscard]] std::unique_ptr<conversation> talk() {
    auto made = std::make_unique<conversation>(*loop_);
    made->listen();
    for (int i = 1; i <= 10; ++i) {
      made->ask();
      made->reply("reply");
      EXPECT_TRUE(look_until([&] { return made->heard.calls == i; }));
      made->listen();
    }
    made->ask();
    made->heard.calls = 0;
    return made;
  }
  /// As run_until, never waiting.
  template <class Condition>
  [[nodiscard]] bool look_until(Condition done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done() && std::chrono::steady_clock::now() < give_up) loop_->run_once(time_point::min());
    return done();
  }

  std::unique_ptr<conversation> first_, second_;
};
MONOCOQUE_ON_BOTH_DRIVERS(awaited_read_test);

TEST_P(awaited_read_test, is_found_by_looking) {
  tick(100);
  EXPECT_EQ(first_->heard.calls, 0);
  first_->reply("at last");
  ASSERT_TRUE(look_until([&] { return first_->heard.calls == 1; }));
  EXPECT_EQ(first_->heard.last.data, "at last");
}

TEST_P(awaited_read_test, is_found_by_the_first_look) {
  tick(100);
  for (int i = 0; i < 10; ++i) {
    first_->reply("reply");
    loop_->run_once(time_point::min());
    ASSERT_EQ(first_->heard.calls, i + 1);
    first_->listen();
    first_->ask();
  }
}

TEST_P(awaited_read_test, ends_a_sleep) {
  tick(100);
  const std::jthread replier([&] { first_->reply("late"); });
  ASSERT_TRUE(run_until([&] { return first_->heard.calls == 1; }));
  EXPECT_EQ(first_->heard.last.data, "late");
}

TEST_P(awaited_read_test, sees_the_end_of_the_stream_every_time) {
  first_->hang_up();
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(look_until([&] { return first_->heard.calls == i; }));
    EXPECT_EQ(first_->heard.last.error, 0);
    EXPECT_EQ(first_->heard.last.size, 0U);
    if (i < 3) first_->listen();
  }
}

TEST_P(awaited_read_test, sees_the_end_behind_the_last_bytes) {
  first_->reply("bye");
  first_->hang_up();
  ASSERT_TRUE(look_until([&] { return first_->heard.calls == 1; }));
  EXPECT_EQ(first_->heard.last.data, "bye");
  first_->ask();
  first_->listen();
  ASSERT_TRUE(run_until([&] { return first_->heard.calls == 2; }));
  EXPECT_EQ(first_->heard.last.size, 0U);
}

TEST_P(awaited_read_test, can_be_cancelled_and_started_again) {
  for (const int looks : {0, 1, 10}) {
    tick(looks);
    first_->heard.calls = 0;
    first_->near().reader().cancel();
    first_->near().reader().cancel();
    EXPECT_EQ(first_->heard.calls, 0) << "a cancel calls nobody";
    ASSERT_TRUE(run_until([&] { return !first_->near().reader().pending(); }));
    EXPECT_EQ(first_->heard.calls, 1);
    EXPECT_EQ(first_->heard.last.error, ECANCELED);
    first_->listen();
  }
  first_->reply("still there");
  ASSERT_TRUE(look_until([&] { return first_->heard.calls == 2; }));
  EXPECT_EQ(first_->heard.last.data, "still there");
}

TEST_P(awaited_read_test, of_two_both_are_found) {
  second_ = talk();
  for (int i = 1; i <= 20; ++i) {
    first_->reply("to the first");
    second_->reply("to the second");
    ASSERT_TRUE(look_until([&] { return first_->heard.calls == i && second_->heard.calls == i; }));
    EXPECT_EQ(first_->heard.last.data, "to the first");
    EXPECT_EQ(second_->heard.last.data, "to the second");
    for (auto* each : {&first_, &second_}) {
      (*each)->listen();
      (*each)->ask();
    }
  }
}

TEST_P(awaited_read_test, keeps_nobody_else_waiting) {
  second_ = std::make_unique<conversation>(*loop_);
  second_->listen();
  tick(10);
  for (int i = 1; i <= 20; ++i) {
    second_->reply("news");
    ASSERT_TRUE(look_until([&] { return second_->heard.calls == i; }));
    second_->listen();
  }
  EXPECT_EQ(first_->heard.calls, 0);
}

TEST_P(awaited_read_test, with_many_bytes_at_once_brings_them_all_in_order) {
  std::string all(300'000, 'x');
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>('a' + i % 23);
  const std::jthread replier([&] { first_->reply(all); });
  std::string got;
  for (int read = 1; got.size() < all.size(); ++read) {
    ASSERT_TRUE(look_until([&] { return first_->heard.calls == read; }));
    ASSERT_GT(first_->heard.last.size, 0U);
    got += first_->heard.last.data.view();
    first_->listen();
  }
  EXPECT_EQ(got, all);
}

TEST_P(awaited_read_test, is_seen_by_a_foreign_loop_that_comes_later) {
  tick(10);
  const auto fd = loop_->fd();
  ASSERT_TRUE(fd);
  loop_->poll();
  for (int i = 1; i <= 10; ++i) {
    first_->reply("reply");
    while (first_->heard.calls < i) {
      pollfd one{.fd = *fd, .events = POLLIN, .revents = 0};
      ASSERT_EQ(::poll(&one, 1, 30'000), 1);
      loop_->poll();
    }
    first_->ask();
    first_->listen();
    loop_->poll();
  }
}

}  // namespace
}  // namespace monocoque::io
