// Whose message comes next where several peers have some: strictly in turn while little waits, and a few at a
// time of those that have much.
#include "tests/socket/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace monocoque::test {
namespace {

constexpr std::size_t senders = 3;

/// A receiver and its senders, all on one thread, with unlimited queues.
template <class In, class Out>
struct meeting {
  explicit meeting(int receive_high_water_mark = 0)
      : in(ctx, {.receive_high_water_mark = receive_high_water_mark}) {
    in.bind("tcp://127.0.0.1:0");
    for (Out& each : out) each.connect(in.last_endpoint());
    while (in.peer_count() < senders) ctx.poll();
  }
  /// Messages that say who sends them and a number, until all of them wait at the receiver.
  void send_each(int count) {
    for (int number = 0; number < count; ++number) {
      for (std::size_t who = 0; who < senders; ++who) out[who].send(text(who, number));
    }
    while (in.stats().receive_queue.messages < senders * static_cast<std::uint64_t>(count)) ctx.poll();
  }
  static std::string text(std::size_t who, int number) {
    return std::to_string(who) + " " + std::to_string(number);
  }

  context ctx{inline_loop};
  In in;
  std::vector<Out> out = [this] {
    std::vector<Out> made;
    for (std::size_t who = 0; who < senders; ++who)
      made.emplace_back(ctx, socket_options{.send_high_water_mark = 0});
    return made;
  }();
};

/// Who has sent it; checks that it is that one's next.
std::size_t sender_of(const message& got, std::array<int, senders>& taken) {
  const std::string_view body = got.view(got.size() - 1);
  const auto who = static_cast<std::size_t>(body.front() - '0');
  EXPECT_EQ(body, (meeting<pull, push>::text(who, taken.at(who))));
  ++taken.at(who);
  return who;
}

template <class In, class Out>
void expect_turns_of_a_few() {
  constexpr int count = 1000;
  constexpr int plenty_left = 100;
  constexpr int a_turn = 16;
  meeting<In, Out> all;
  all.send_each(count);
  std::array<int, senders> taken{};
  int furthest = 0;
  for (std::size_t got = 0; got < senders * count; ++got) {
    sender_of(must_receive(all.in), taken);
    const auto [least, most] = std::ranges::minmax(taken);
    furthest = std::max(furthest, most - least);
    const int allowed = most < count - plenty_left ? a_turn : count;
    ASSERT_LE(most - least, allowed) << "after " << got << " messages";
  }
  EXPECT_GE(furthest, a_turn / 2) << "no turns of several messages";
  EXPECT_FALSE(all.in.try_receive());
}

TEST(turns, are_of_a_few_messages_while_much_waits) { expect_turns_of_a_few<pull, push>(); }
TEST(turns, of_a_dealer_too) { expect_turns_of_a_few<dealer, dealer>(); }
TEST(turns, of_a_router_have_their_senders_ids_in_front) {
  constexpr int count = 300;
  meeting<router, dealer> all;
  all.send_each(count);
  std::array<int, senders> taken{};
  std::array<std::string, senders> ids;
  for (std::size_t got = 0; got < senders * count; ++got) {
    const message received = must_receive(all.in);
    ASSERT_EQ(received.size(), 2U);
    std::string& id = ids.at(sender_of(received, taken));
    if (id.empty()) id = received.view(0);
    ASSERT_EQ(received.view(0), id);
  }
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]);
}

TEST(turns, are_strict_while_little_waits) {
  constexpr int count = 20;
  meeting<pull, push> all;
  all.send_each(count);
  std::array<int, senders> taken{};
  for (std::size_t got = 0; got < senders * count; ++got) {
    sender_of(must_receive(all.in), taken);
    const auto [least, most] = std::ranges::minmax(taken);
    ASSERT_LE(most - least, 1) << "after " << got << " messages";
  }
}

// A turn may end early, by what is sent or what arrives in between; nothing is lost or doubled by it.
TEST(turns, go_on_while_messages_are_sent_and_arrive) {
  constexpr int count = 400;
  meeting<dealer, dealer> all;
  all.send_each(count);
  std::array<int, senders> taken{};
  for (std::size_t got = 0; got < senders * count; ++got) {
    sender_of(must_receive(all.in), taken);
    if (got % 5 == 0) all.in.send("back");
    if (got % 7 == 0) all.ctx.poll();
  }
  for (std::size_t who = 0; who < senders; ++who) {
    for (int number = count; number < count + 10; ++number)
      all.out[who].send(meeting<dealer, dealer>::text(who, number));
  }
  for (std::size_t got = 0; got < senders * 10; ++got) sender_of(must_receive(all.in), taken);
  EXPECT_EQ(taken, (std::array<int, senders>{count + 10, count + 10, count + 10}));
}

// The peers' connections are not read again and again.
TEST(turns, go_on_at_the_high_water_mark) {
  constexpr int count = 2000;
  meeting<pull, push> all(200);
  for (int number = 0; number < count; ++number) {
    for (std::size_t who = 0; who < senders; ++who) all.out[who].send(all.text(who, number));
  }
  std::array<int, senders> taken{};
  for (std::size_t got = 0; got < senders * count; ++got) {
    sender_of(must_receive(all.in), taken);
    if (got % 100 == 0) all.ctx.poll();
  }
  EXPECT_EQ(taken, (std::array<int, senders>{count, count, count}));
}

TEST(turns, go_on_beside_a_peer_over_inproc) {
  constexpr int count = 1000;
  meeting<pull, push> all;
  all.in.bind("inproc://beside");
  push beside{all.ctx, {.send_high_water_mark = 0}};
  beside.connect("inproc://beside");
  for (int number = 0; number < count; ++number) beside.send("beside " + std::to_string(number));
  for (int number = 0; number < count; ++number) {
    for (std::size_t who = 0; who < senders; ++who) all.out[who].send(all.text(who, number));
  }
  std::array<int, senders> taken{};
  int beside_taken = 0;
  for (std::size_t got = 0; got < (senders + 1) * count; ++got) {
    const message received = must_receive(all.in);
    if (received.view().starts_with("beside")) {
      EXPECT_EQ(received.view(), "beside " + std::to_string(beside_taken++));
    } else {
      sender_of(received, taken);
    }
    if (got % 100 == 0) all.ctx.poll();
  }
  EXPECT_EQ(taken, (std::array<int, senders>{count, count, count}));
  EXPECT_EQ(beside_taken, count);
}

}  // namespace
}  // namespace monocoque::test
