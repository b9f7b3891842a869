// RADIO, DISH and DGRAM over UDP: unicast and multicast on the loopback interface.

#include "tests/socket/support.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// A UDP socket of the system's own, for what a RADIO would not say.
class plain_udp {
 public:
  plain_udp() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 || ::bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
      throw std::runtime_error("no UDP socket");
    const timeval limit{.tv_sec = patience.count() / 1000, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~plain_udp() { ::close(fd_); }
  plain_udp(const plain_udp&) = delete;
  plain_udp& operator=(const plain_udp&) = delete;

  [[nodiscard]] std::string address() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
    return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
  }
  /// To "udp://127.0.0.1:port".
  void send(const std::string& endpoint, std::string_view datagram) const {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    ASSERT_EQ(
        ::sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
        static_cast<ssize_t>(datagram.size()));
  }
  [[nodiscard]] std::string receive() const {
    std::string got(65'536, '\0');
    const ssize_t size = ::recv(fd_, got.data(), got.size(), 0);
    got.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return got;
  }

 private:
  int fd_;
};

class udp : public testing::TestWithParam<bool> {
 protected:
  udp() { GetParam() ? ctx_.emplace(inline_loop) : ctx_.emplace(); }
  context& ctx() { return *ctx_; }

 private:
  std::optional<context> ctx_;
};

INSTANTIATE_TEST_SUITE_P(all, udp, testing::Bool(), [](const auto& parameter) {
  return std::string(parameter.param ? "inline" : "threaded");
});

TEST_P(udp, a_dish_gets_what_it_has_joined_of_what_a_radio_sends) {
  dish in(ctx());
  in.bind("udp://127.0.0.1:0");
  ASSERT_TRUE(in.last_endpoint().starts_with("udp://127.0.0.1:")) << in.last_endpoint();
  in.join("tv");
  in.join("");
  radio from(ctx());
  from.connect(in.last_endpoint());
  from.send({"movies", "Godfather"});
  from.send({"tv", "Friends"});
  from.send({"", ""});
  EXPECT_EQ(must_receive(in), message::of({"tv", "Friends"}));
  EXPECT_EQ(must_receive(in), message::of({"", ""}));
  EXPECT_EQ(from.stats().sent.messages, 3U) << "a RADIO does not know who has joined what";
  EXPECT_EQ(in.stats().received.messages, 2U);
  EXPECT_EQ(in.stats().dropped.total(), 0U);
  in.leave("tv");
  from.send({"tv", "Friends"});
  from.send({"", "last"});
  EXPECT_EQ(must_receive(in).view(1), "last");
}

TEST_P(udp, takes_datagrams_of_up_to_8192_octets) {
  dish in(ctx());
  in.bind("udp://127.0.0.1:0");
  in.join("tv");
  radio from(ctx());
  from.connect(in.last_endpoint());
  const std::string longest(8192 - 3, 'x');
  from.send({"tv", longest + 'x'});
  from.send({"tv", std::string(100'000, 'x')});
  EXPECT_EQ(from.stats().dropped[drop_reason::unroutable], 2U);
  from.send({"tv", longest});
  EXPECT_EQ(must_receive(in), message::of({"tv", longest}));
  const plain_udp stranger;
  stranger.send(in.last_endpoint(), "\2tv" + longest + 'x');
  from.send({"tv", "after that"});
  EXPECT_EQ(must_receive(in).view(1), "after that");
  EXPECT_EQ(in.stats().dropped[drop_reason::unexpected], 1U);
}

TEST_P(udp, a_datagram_that_makes_no_sense_is_counted_and_harms_no_other) {
  dish in(ctx());
  in.bind("udp://127.0.0.1:0");
  in.join("tv");
  const plain_udp stranger;
  stranger.send(in.last_endpoint(), "");
  stranger.send(in.last_endpoint(),
                "\xff"
                "abc");
  stranger.send(in.last_endpoint(), "\1");
  stranger.send(in.last_endpoint(), "\2tvFriends");
  EXPECT_EQ(must_receive(in), message::of({"tv", "Friends"}));
  EXPECT_EQ(in.stats().dropped[drop_reason::unexpected], 3U);
}

TEST_P(udp, says_what_a_dish_of_libzmq_understands) {
  const plain_udp other;
  radio from(ctx());
  from.connect("udp://" + other.address());
  from.send({"tv", "Friends"});
  EXPECT_EQ(other.receive(), "\2tvFriends");
  from.send({std::string(255, 'g'), ""});
  std::string longest_group(256, 'g');
  longest_group[0] = '\xff';
  EXPECT_EQ(other.receive(), longest_group);
}

TEST_P(udp, what_there_is_no_room_for_is_dropped_and_counted) {
  dish in(ctx(), {.receive_high_water_mark = 3});
  in.bind("udp://127.0.0.1:0");
  in.join("tv");
  in.join("end");
  radio from(ctx());
  from.connect(in.last_endpoint());
  for (int i = 0; i < 5; ++i) from.send({"tv", std::to_string(i)});
  while (in.stats().dropped[drop_reason::full] < 2) {
    if (GetParam()) ctx().poll();
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(must_receive(in).view(1), std::to_string(i));
  from.send({"end", "x"});
  EXPECT_EQ(must_receive(in).view(0), "end");
}

TEST_P(udp, a_radio_may_have_peers_of_all_kinds) {
  radio from(ctx());
  from.bind("inproc://here");
  dish near(ctx()), far(ctx());
  near.join("tv");
  near.connect("inproc://here");
  far.bind("udp://127.0.0.1:0");
  far.join("tv");
  from.connect(far.last_endpoint());
  for (int i = 0; i < 10; ++i) {
    from.send({"tv", std::to_string(i)});
    EXPECT_EQ(must_receive(near).view(1), std::to_string(i));
    EXPECT_EQ(must_receive(far).view(1), std::to_string(i));
  }
}

TEST_P(udp, multicast_reaches_all_who_have_bound_the_address) {
  const std::string group = "239.192.7." + std::to_string(1 + ::getpid() % 250);
  dish one(ctx()), two(ctx());
  one.bind("udp://lo;" + group + ":0");
  const std::string port = one.last_endpoint().substr(one.last_endpoint().rfind(':'));
  const std::string place = "udp://127.0.0.1;" + group + port;
  if (const result<void> bound = two.bind(as_result, place); !bound)
    GTEST_SKIP() << "no second socket for a multicast address: " << bound.error().message();
  EXPECT_EQ(one.last_endpoint(), "udp://" + group + port);
  one.join("tv");
  two.join("tv");
  radio from(ctx());
  from.connect(place);
  from.send({"tv", "Friends"});
  if (from.stats().dropped[drop_reason::unroutable] != 0)
    GTEST_SKIP() << "the loopback interface takes no multicast here";
  EXPECT_EQ(must_receive(one), message::of({"tv", "Friends"}));
  EXPECT_EQ(must_receive(two), message::of({"tv", "Friends"}));
}

TEST_P(udp, dgram_answers_whoever_asks) {
  dgram service(ctx());
  service.bind("udp://127.0.0.1:0");
  const std::string address = service.last_endpoint().substr(6);
  dgram client(ctx());
  client.bind("udp://127.0.0.1:0");
  client.send({address, "question"});
  message question = must_receive(service);
  ASSERT_EQ(question.size(), 2U);
  EXPECT_EQ("udp://" + std::string(question.view(0)), client.last_endpoint());
  EXPECT_EQ(question.view(1), "question");
  service.send({question.view(0), ""});
  EXPECT_EQ(must_receive(client), message::of({address, ""}));
  const plain_udp stranger;
  stranger.send(service.last_endpoint(), std::string(8192, 's'));
  question = must_receive(service);
  EXPECT_EQ(question.view(0), stranger.address());
  service.send({question.view(0), question.view(1)});
  EXPECT_EQ(stranger.receive(), std::string(8192, 's'));
}

TEST_P(udp, dgram_drops_what_is_for_no_address) {
  dgram from(ctx());
  EXPECT_FALSE(from.try_send({"127.0.0.1:9", "not bound yet"}));
  from.bind("udp://127.0.0.1:0");
  for (const char* const wrong : {"", "here", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "localhost:5",
                                  "[::1]:5", "127.0.0.1:5x", ":5"})
    from.send({wrong, "x"});
  EXPECT_EQ(from.stats().dropped[drop_reason::unroutable], 9U);
  EXPECT_EQ(code_thrown_by([&] { from.send("x"); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { from.send({"127.0.0.1:9", "x", "y"}); }), errc::invalid_argument);
  EXPECT_EQ(code_thrown_by([&] { from.send({"127.0.0.1:9", std::string(8193, 'x')}); }),
            errc::invalid_argument);
  EXPECT_EQ(from.bind(as_result, "udp://127.0.0.1:0").error(), errc::second_peer);
}

TEST_P(udp, ipv6_needs_the_option) {
  dgram service(ctx());
  EXPECT_EQ(service.bind(as_result, "udp://[::1]:0").error(), errc::resolve_failed);
  dgram both(ctx(), {.ipv6 = true});
  if (const result<void> bound = both.bind(as_result, "udp://*:0"); !bound || both.last_endpoint()[6] != '[')
    GTEST_SKIP() << "no IPv6 here";
  const std::string port = both.last_endpoint().substr(both.last_endpoint().rfind(':'));
  dgram old(ctx());
  old.bind("udp://127.0.0.1:0");
  old.send({"127.0.0.1" + port, "x"});
  const message question = must_receive(both);
  EXPECT_EQ("udp://" + std::string(question.view(0)), old.last_endpoint()) << "an IPv4 address as such";
  both.send({question.view(0), "answer"});
  EXPECT_EQ(must_receive(old).view(1), "answer");
  dgram next(ctx(), {.ipv6 = true});
  if (!next.bind(as_result, "udp://[::1]:0")) return;
  next.send({"[::1]" + port, "x"});
  EXPECT_EQ("udp://" + std::string(must_receive(both).view(0)), next.last_endpoint());
}

TEST_P(udp, an_endpoint_that_was_given_up_is_free) {
  dish in(ctx());
  in.bind("udp://127.0.0.1:0");
  const std::string place = in.last_endpoint();
  dish other(ctx());
  EXPECT_EQ(other.bind(as_result, place).error().code(), std::errc::address_in_use);
  monitor events = in.monitor();
  in.unbind(place);
  EXPECT_EQ(await_event(events, event_kind::closed).endpoint, place);
  EXPECT_EQ(in.unbind(as_result, place).error(), errc::no_such_endpoint);
  other.bind(place);
  other.join("tv");
  radio from(ctx());
  from.connect(place);
  from.send({"tv", "x"});
  EXPECT_EQ(must_receive(other).view(1), "x");
  from.disconnect(place);
  EXPECT_EQ(from.disconnect(as_result, place).error(), errc::no_such_endpoint);
  from.send({"tv", "to nobody"});
  other.close();
  dish third(ctx());
  third.bind(place);
}

TEST_P(udp, is_for_radio_dish_and_dgram_in_one_direction_each) {
  const auto code_of = [](const result<void>& tried) { return tried.error().code(); };
  const std::error_code mismatch = make_error_code(errc::transport_mismatch);
  EXPECT_EQ(code_of(radio(ctx()).bind(as_result, "udp://*:0")), mismatch);
  EXPECT_EQ(code_of(dish(ctx()).connect(as_result, "udp://127.0.0.1:5")), mismatch);
  EXPECT_EQ(code_of(dgram(ctx()).connect(as_result, "udp://127.0.0.1:5")), mismatch);
  EXPECT_EQ(code_of(dgram(ctx()).bind(as_result, "tcp://127.0.0.1:0")), mismatch);
  EXPECT_EQ(code_of(push(ctx()).connect(as_result, "udp://127.0.0.1:5")), mismatch);
  EXPECT_EQ(code_of(pull(ctx()).bind(as_result, "udp://127.0.0.1:0")), mismatch);
  const result<void> told = sub(ctx()).bind(as_result, "udp://*:5");
  EXPECT_EQ(told.error().message(),
            "bind udp://*:5: the socket type cannot use this transport so (over udp RADIO is connected, DISH "
            "and DGRAM are bound)");
  dish guarded(ctx(), {.security = plain_server{}});
  EXPECT_EQ(code_of(guarded.bind(as_result, "udp://127.0.0.1:0")), mismatch) << "there is no security";
}

TEST_P(udp, many_datagrams_arrive_in_order) {
  dish in(ctx(), {.kernel_receive_buffer = 4 << 20});
  in.bind("udp://127.0.0.1:0");
  in.join("tv");
  radio from(ctx());
  from.connect(in.last_endpoint());
  for (int i = 0; i < 3000; ++i) {
    from.send({"tv", std::to_string(i)});
    if (i % 100 != 99) continue;
    for (int j = i - 99; j <= i; ++j) ASSERT_EQ(must_receive(in).view(1), std::to_string(j));
  }
}

TEST(udp_in_coroutines, is_awaited_like_everything_else) {
  context ctx(inline_loop);
  const auto serve = [](context& owner) -> task<> {
    dgram service(owner), client(owner);
    service.bind("udp://127.0.0.1:0");
    client.bind("udp://127.0.0.1:0");
    const std::string address = service.last_endpoint().substr(6);
    for (int i = 0; i < 10; ++i) {
      message question = message::of({address, "question"});
      co_await client.async_send(std::move(question));
      message asked = co_await service.async_receive();
      co_await service.async_send(std::move(asked));
      const message answer = co_await client.async_receive();
      EXPECT_EQ(answer.view(1), "question");
    }
  };
  ctx.run(serve(ctx));
}

}  // namespace
}  // namespace monocoque::test
