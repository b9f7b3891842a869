// Running out of what the system gives: who is there goes on, who comes waits, and events say so.

#include "tests/hostile/raw_peer.hpp"
#include "tests/socket/sanitizers.hpp"
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace monocoque::test {
namespace {

using namespace std::chrono_literals;

/// A lower limit for descriptors, as long as it lives.
class few_descriptors {
 public:
  few_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 200);
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

 private:
  rlimit before_{};
};

/// Takes all descriptors that this process may still have.
class all_descriptors {
 public:
  all_descriptors() {
    for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0; fd = ::dup(fd)) taken_.push_back(fd);
  }
  ~all_descriptors() {
    for (const int fd : taken_) ::close(fd);
  }
  void give_one_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }
  all_descriptors(const all_descriptors&) = delete;
  all_descriptors& operator=(const all_descriptors&) = delete;

 private:
  std::vector<int> taken_;
};

/// Binds `in`, and lets a peer in. A listener that has just begun may hold a descriptor for a moment while it
/// looks whether somebody is there; one that has let somebody in has looked.
push bind_and_let_in(context& ctx, pull& in) {
  monitor events = in.monitor();
  in.bind("tcp://127.0.0.1:0");
  push early(ctx);
  early.connect(in.last_endpoint());
  await_handshakes(events, 1);
  return early;
}

int new_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

void connect_to(int fd, const std::string& endpoint) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
}

/// Processor time of this process.
std::chrono::nanoseconds time_used() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

TEST(descriptors, that_run_out_pause_accepting_until_there_are_some) {
  if (checks_need_descriptors()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  const few_descriptors limit;
  context ctx;
  pull in(ctx);
  push early = bind_and_let_in(ctx, in);
  monitor events = in.monitor();
  std::vector<raw_peer> late;
  std::vector<int> numbers;
  for (int i = 0; i < 3; ++i) {
    numbers.push_back(new_socket());
    late.emplace_back(numbers.back());
  }

  std::optional<all_descriptors> taken(std::in_place);
  for (const int fd : numbers) connect_to(fd, in.last_endpoint());
  const event failed = await_event(events, event_kind::accept_failed);
  EXPECT_EQ(failed.reason.code(), std::errc::too_many_files_open) << failed.text();
  EXPECT_EQ(failed.endpoint, in.last_endpoint());
  early.send("who is there goes on");
  EXPECT_EQ(must_receive(in).view(), "who is there goes on");
  // It is tried again and again, without an event each time and without using the processor up.
  const auto before = time_used();
  const result<event> next = events.receive_for(as_result, 400ms);
  EXPECT_FALSE(next) << next->text();
  EXPECT_LT(time_used() - before, 350ms);

  taken.reset();
  EXPECT_EQ(await_event(events, event_kind::accept_resumed).endpoint, in.last_endpoint());
  for (const raw_peer& each : late) shake_hands(each, "PUSH");
  await_handshakes(events, 3);
}

TEST(descriptors, that_run_out_make_connecting_wait) {
  if (checks_need_descriptors()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  const few_descriptors limit;
  context ctx;
  pull in(ctx);
  const push early = bind_and_let_in(ctx, in);
  push out(ctx, {.reconnect_interval = 10ms});
  monitor events = out.monitor();
  {
    const all_descriptors taken;
    out.connect(in.last_endpoint());
    EXPECT_EQ(await_event(events, event_kind::connect_retried).reason.code(), std::errc::too_many_files_open);
    EXPECT_FALSE(in.bind(as_result, "tcp://127.0.0.1:0"));
  }
  out.send("later");
  EXPECT_EQ(must_receive(in).view(), "later");
}

TEST(descriptors, of_which_there_is_one_make_accepting_wait) {
  if (checks_need_descriptors()) GTEST_SKIP() << "a sanitizer needs descriptors of its own";
  const few_descriptors limit;
  context ctx;
  pull in(ctx);
  const push early = bind_and_let_in(ctx, in);
  monitor of_in = in.monitor();
  push out(ctx, {.reconnect_interval = 10ms});
  monitor of_out = out.monitor();
  {
    all_descriptors taken;
    out.connect(in.last_endpoint());
    (void)await_event(of_out, event_kind::connect_retried);
    taken.give_one_back();
    EXPECT_EQ(await_event(of_in, event_kind::accept_failed).reason.code(), std::errc::too_many_files_open);
  }
  out.send("later");
  EXPECT_EQ(must_receive(in).view(), "later");
}

// -- handshakes that take their time

TEST(slow_handshake, is_over_at_the_deadline_however_it_drips) {
  context ctx;
  pull ours(ctx, {.handshake_timeout = 300ms});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  const raw_peer slow(ours.last_endpoint());
  const std::string words = speak::greeting() + speak::ready("PUSH");
  std::optional<event> over;
  std::size_t said = 0;
  for (; said < words.size() && !over; ++said) {
    slow.send(words.substr(said, 1));
    for (result<event> next = events.receive_for(as_result, 20ms); next;
         next = events.receive_for(as_result, 1ms)) {
      if (next->kind == event_kind::handshake_failed) over = *next;
    }
  }
  ASSERT_TRUE(over) << "it was let in";
  EXPECT_EQ(over->reason, errc::handshake_timeout);
  EXPECT_GT(said, 1U);
}

TEST(slow_handshakes, beyond_the_limit_wait_outside_and_nobody_else_does) {
  context ctx;
  pull ours(ctx, {.handshake_timeout = 500ms, .max_handshakes = 4});
  monitor events = ours.monitor();
  ours.bind("tcp://127.0.0.1:0");
  push early(ctx);
  early.connect(ours.last_endpoint());
  await_handshakes(events, 1);
  std::vector<raw_peer> silent;
  for (int i = 0; i < 4; ++i) {
    silent.emplace_back(ours.last_endpoint());
    (void)await_event(events, event_kind::accepted);
  }
  early.send("who is there goes on");
  EXPECT_EQ(must_receive(ours).view(), "who is there goes on");
  push late(ctx);
  late.connect(ours.last_endpoint());
  // The silent ones are given up at their deadline, and make room.
  EXPECT_EQ(await_event(events, event_kind::handshake_failed).reason, errc::handshake_timeout);
  late.send("let in");
  EXPECT_EQ(must_receive(ours).view(), "let in");
}

// -- a connection that breaks in the middle of a message

TEST(half_sent_message, goes_whole_to_the_next_connection) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = 1ms});
  ours.connect(place.endpoint());
  const std::string large(32'000'000, 'x');
  {
    const raw_peer first = place.accept();
    shake_hands(first, "PULL");
    ours.send("small");
    ours.send(large);
    ours.send("last");
    EXPECT_EQ(first.receive(7), speak::frame("small"));
    (void)first.receive(100'000);
  }
  const raw_peer next = place.accept();
  shake_hands(next, "PULL");
  EXPECT_EQ(next.receive(9 + large.size()), speak::frame(large));
  EXPECT_EQ(next.receive(6), speak::frame("last"));
}

TEST(half_sent_message, of_several_frames_goes_whole_or_not_at_all) {
  context ctx;
  raw_listener place;
  push ours(ctx, {.reconnect_interval = 1ms});
  ours.connect(place.endpoint());
  const std::string large(16'000'000, 'x');
  const std::string whole = speak::frame("head", true) + speak::frame(large, true) + speak::frame("tail");
  for (int round = 0; round < 3; ++round) {
    const raw_peer broken = place.accept();
    shake_hands(broken, "PULL");
    if (round == 0) ours.send(message::of({"head", large, "tail"}));
    EXPECT_EQ(broken.receive(6), speak::frame("head", true));
    (void)broken.receive(1000);
  }
  const raw_peer next = place.accept();
  shake_hands(next, "PULL");
  EXPECT_EQ(next.receive(whole.size()), whole);
}

}  // namespace
}  // namespace monocoque::test
