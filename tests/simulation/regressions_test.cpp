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

TEST(Regression, SeedsThatOnceFailed) {
  for (const std::uint64_t seed : {33U, 73U, 489U, 649U, 825U}) run_seed(pipeline, seed);
  for (const std::uint64_t seed : {13U, 89U, 862U}) run_seed(broker, seed);
}

}  // namespace
}  // namespace monocoque::simulation
