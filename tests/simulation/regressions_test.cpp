// What the simulator has found, by name; and the seeds that found it.
#include "tests/simulation/seeds.hpp"

#include <gtest/gtest.h>

namespace monocoque::simulation {
namespace {

using std::chrono::milliseconds;

task<> send_some(push& to, std::uint32_t count) {
  const milliseconds pause(20);
  for (std::uint32_t number = 0; number < count; ++number) {
    message next = compose({1, number});
    co_await to.async_send(std::move(next));
    co_await sleep_for(pause);
  }
}

/// Takes messages, and after each of them all connections away.
task<> take_and_rebind(pull& from, ledger& book, const bool& over) {
  const milliseconds pause(1);
  while (!over) {
    const std::optional<message> got = co_await from.async_receive_for(milliseconds(500));
    if (!got) continue;
    book.take(2, *got);
    from.unbind("tcp://*:5555");
    co_await sleep_for(pause);
    while (!from.bind(as_result, "tcp://*:5555")) co_await sleep_for(pause);
  }
}

/// A write that was done, but told of after the end of its connection, was taken for one that was not: what
/// the peer had received went out again on the next connection.
TEST(Regression, WhatWasWrittenIsNotSentAgainIfTheEndOfTheConnectionIsToldFirst) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    weather late = weather::calm();
    late.late_completions = 500;
    world in(seed, late);
    ledger book(in);
    programs senders(in);
    programs receivers(in);
    bool over = false;
    host& here = in.add_host("push");
    host& there = in.add_host("pull");
    auto to = std::make_unique<push>(here.context(), socket_options{.reconnect_interval = milliseconds(5)});
    auto from = std::make_unique<pull>(there.context());
    from->bind("tcp://*:5555");
    to->connect("tcp://pull:5555");
    senders.start(here, send_some(*to, 20));
    receivers.start(there, take_and_rebind(*from, book, over));
    senders.finish(std::chrono::minutes(1), "send");
    let_settle(in);
    over = true;
    receivers.finish(std::chrono::seconds(2), "receive");
    to.reset();
    from.reset();
    in.end();
    EXPECT_GT(book.received(1), 0U);
    for (const std::string& each : in.complaints()) ADD_FAILURE() << "seed " << seed << ": " << each;
    if (HasFailure()) return;
  }
}

/// What came of messages that were read, but let in only in part, when `unbind` took their connection away.
struct read_ahead {
  std::uint32_t received = 0;
  std::uint64_t dropped = 0;
  bool all_was_read = false;
};

constexpr std::uint32_t sent_ahead = 50;

read_ahead unbind_with_much_read(std::uint64_t seed, const socket_options& of_receiver) {
  world in(seed, weather::calm());
  host& here = in.add_host("push");
  host& there = in.add_host("pull");
  read_ahead came;
  {
    push to(here.context(), {.linger = milliseconds(0)});
    pull from(there.context(), of_receiver);
    from.bind("tcp://*:5555");
    to.connect("tcp://pull:5555");
    for (std::uint32_t i = 0; i < sent_ahead; ++i) to.send(std::to_string(i));
    const auto is_full = [&] { return from.stats().events_of(event_kind::high_water_reached) > 0; };
    EXPECT_TRUE(in.run_until(is_full, std::chrono::seconds(10)));
    from.unbind("tcp://*:5555");
    EXPECT_TRUE(in.run_until([&] { return from.peer_count() == 0; }, std::chrono::seconds(10)));
    let_settle(in);
    for (; const std::optional<message> got = from.try_receive(); ++came.received)
      EXPECT_EQ(got->view(), std::to_string(came.received));
    came.dropped = from.dropped_count();
  }
  in.end();
  came.all_was_read = in.lost(here, there).bytes == 0;
  for (const std::string& each : in.complaints()) ADD_FAILURE() << "seed " << seed << ": " << each;
  return came;
}

/// A receiver at its high-water mark may have read much more of a connection; that went with the connection.
TEST(Regression, WhatWasReadIsReceivedThoughTheConnectionIsClosed) {
  int tested = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const read_ahead came = unbind_with_much_read(seed, {.receive_high_water_mark = 3});
    if (!came.all_was_read) continue;
    EXPECT_EQ(came.received, sent_ahead) << "seed " << seed;
    EXPECT_EQ(came.dropped, 0U) << "seed " << seed;
    ++tested;
  }
  EXPECT_GT(tested, 5);
}

TEST(Regression, WhatWasReadIsCountedIfALimitInBytesForbidsToKeepIt) {
  int tested = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const read_ahead came =
        unbind_with_much_read(seed, {.receive_high_water_mark = 3, .receive_byte_limit = 1});
    if (!came.all_was_read) continue;
    EXPECT_EQ(came.received, 3U) << "seed " << seed;
    EXPECT_EQ(came.received + came.dropped, sent_ahead) << "seed " << seed;
    ++tested;
  }
  EXPECT_GT(tested, 5);
}

TEST(Regression, SeedsThatOnceFailed) {
  for (const std::uint64_t seed : {33U, 73U, 199U, 489U, 649U, 825U, 1616U}) run_seed(pipeline, seed);
  for (const std::uint64_t seed : {13U, 89U, 862U}) run_seed(broker, seed);
  for (const std::uint64_t seed : {10'399U, 13'557U}) run_seed(mortal_pipeline, seed);
  for (const std::uint64_t seed : {11'104U, 14'990U}) run_seed(mortal_broker, seed);
  for (const std::uint64_t seed : {37U, 75U, 15'239U, 42'412U}) run_seed(mortal_fan_out, seed);
  run_seed(mortal_ring, 15'137);
}

}  // namespace
}  // namespace monocoque::simulation
