#include "io/datagrams.hpp"

#include "io/test_loop.hpp"

#include <cerrno>
#include <string>

namespace monocoque::io {
namespace {

int make_udp_fd() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
  return fd;
}

class datagrams_test : public io_test {
 protected:
  void SetUp() override {
    io_test::SetUp();
    if (IsSkipped()) return;
    in_ = std::make_unique<datagrams>(*loop_, make_udp_fd());
    out_ = std::make_unique<datagrams>(*loop_, make_udp_fd());
    socklen_t size = sizeof where_;
    ASSERT_EQ(::getsockname(in_->fd(), reinterpret_cast<sockaddr*>(&where_), &size), 0);
  }
  void TearDown() override {
    if (in_) in_->cancel();
    EXPECT_TRUE(!in_ || run_until([&] { return !in_->pending(); }));
  }
  int send(std::string text) {
    iovec part{text.data(), text.size()};
    return out_->send({&part, 1}, reinterpret_cast<const sockaddr*>(&where_), sizeof where_);
  }
  std::string receive(std::size_t room = 100) {
    std::vector<std::byte> into(room);
    const datagrams::received got = in_->receive(into);
    if (got.error != 0) return "errno " + std::to_string(got.error);
    return {reinterpret_cast<const char*>(into.data()), got.size};
  }

  std::unique_ptr<datagrams> in_, out_;
  sockaddr_in where_{};
  int readable_ = 0;
  int outcome_ = -1;

  void await_readable() { in_->await_readable(bind_callback<&datagrams_test::on_readable>(this)); }
  void on_readable(fd_watch::outcome& ready) noexcept {
    ++readable_;
    outcome_ = ready.error;
  }
};
MONOCOQUE_ON_BOTH_DRIVERS(datagrams_test);

TEST_P(datagrams_test, arrive_one_by_one_and_whole) {
  EXPECT_EQ(receive(), "errno " + std::to_string(EAGAIN));
  await_readable();
  EXPECT_TRUE(in_->awaits_readable());
  tick();
  EXPECT_EQ(readable_, 0);
  EXPECT_EQ(send("one"), 0);
  EXPECT_EQ(send(""), 0);
  EXPECT_EQ(send("three"), 0);
  ASSERT_TRUE(run_until([&] { return readable_ == 1; }));
  EXPECT_EQ(outcome_, 0);
  EXPECT_FALSE(in_->pending());
  EXPECT_EQ(receive(), "one");
  EXPECT_EQ(receive(), "");
  await_readable();
  ASSERT_TRUE(run_until([&] { return readable_ == 2; })) << "there is one more";
  EXPECT_EQ(receive(), "three");
  EXPECT_EQ(receive(), "errno " + std::to_string(EAGAIN));
}

TEST_P(datagrams_test, tell_who_has_sent_them) {
  EXPECT_EQ(send("one"), 0);
  std::vector<std::byte> into(100);
  const datagrams::received got = in_->receive(into);
  ASSERT_EQ(got.error, 0);
  sockaddr_in from{}, own{};
  std::memcpy(&from, &got.from, sizeof from);
  socklen_t size = sizeof own;
  ASSERT_EQ(::getsockname(out_->fd(), reinterpret_cast<sockaddr*>(&own), &size), 0);
  EXPECT_EQ(got.from_size, sizeof from);
  EXPECT_EQ(from.sin_port, own.sin_port);
  EXPECT_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
}

TEST_P(datagrams_test, one_that_is_too_long_is_gone_and_the_next_is_there) {
  EXPECT_EQ(send("12345"), 0);
  EXPECT_EQ(send("1234"), 0);
  EXPECT_EQ(receive(4), "errno " + std::to_string(EMSGSIZE));
  EXPECT_EQ(receive(4), "1234");
  EXPECT_EQ(send(std::string(100'000, 'x')), EMSGSIZE) << "beyond UDP";
}

TEST_P(datagrams_test, waiting_may_be_cancelled) {
  await_readable();
  tick();
  in_->cancel();
  ASSERT_TRUE(run_until([&] { return readable_ == 1; }));
  EXPECT_EQ(outcome_, ECANCELED);
  EXPECT_FALSE(in_->pending());
}

TEST_P(datagrams_test, both_directions_may_be_awaited_at_once) {
  await_readable();
  struct counter {
    int count = 0;
    void on_writable(fd_watch::outcome& ready) noexcept { count += ready.error == 0 ? 1 : 100; }
  } writable;
  in_->await_writable(bind_callback<&counter::on_writable>(&writable));
  ASSERT_TRUE(run_until([&] { return writable.count == 1; }));
  EXPECT_EQ(send("one"), 0);
  ASSERT_TRUE(run_until([&] { return readable_ == 1; }));
  EXPECT_EQ(receive(), "one");
}

}  // namespace
}  // namespace monocoque::io
