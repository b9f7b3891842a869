#include "demo/roles.hpp"

#include <fmt/format.h>

// A pipeline: ventilators push to workers, which push to a sink with their own number in front. On each way
// from one process to the next the order is kept; over several workers it is not, so the sink looks for each
// message once.

namespace tool::demo {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int high_water_mark = 100;  // short queues: little is under way when the time is up
constexpr auto quiet = 200ms;         // so long nothing more may come after the last message

// False if the order to end came first.
bool push_on(stage& on, monocoque::push& socket, monocoque::message message, const std::string& end) {
  while (!socket.send_for(message, look_interval)) {
    if (on.orders.has(end)) return false;
  }
  return true;
}

void finish(stage& on, monocoque::push& socket) {
  const std::size_t dropped = socket.close(patience);
  if (dropped > 0) on.orders.wrong("lost", fmt::format("{} messages could not be sent", dropped));
}

}  // namespace

void play_push(stage& on) {
  monocoque::push socket(on.context, {.send_high_water_mark = high_water_mark});
  socket.bind(on.set.text("bind"));
  control::report("ready " + socket.last_endpoint());
  on.orders.wait("go");
  fault harm(on.set.text("fault"));
  const std::uint32_t stream = on.set.number("stream");
  std::uint32_t sequence = 0;
  bool all_sent = true;
  while (all_sent && !on.orders.has("pause")) {
    for (auto& message : harm.applied(sequence, make_message({stream, sequence}))) {
      all_sent = push_on(on, socket, std::move(message), "pause");
    }
    if (all_sent) ++sequence;
  }
  control::count(fmt::format("sent:{}", stream), sequence);
  control::report("paused");
  // Not gone before everything arrived: over IPC a libzmq PULL that is full forgets what it has not read yet
  // when its peer closes the connection.
  on.orders.wait("stop");
  finish(on, socket);
}

void play_worker(stage& on) {
  monocoque::pull source(on.context, {.receive_high_water_mark = high_water_mark});
  monocoque::push sink(on.context, {.send_high_water_mark = high_water_mark});
  sink.connect(on.orders.wait("sink"));
  for (const std::string& endpoint : split(on.orders.wait("connect"), ' ')) source.connect(endpoint);
  control::report("ready");
  const std::string own_number = on.set.text("worker");
  ledger seen(on.orders);
  std::uint64_t handled = 0;
  while (!on.stopping()) {
    auto message = source.receive_for(look_interval);
    if (!message) continue;
    if (const auto label = check_message(*message)) {
      seen.expect_rising(label->stream, label->sequence);
    } else {
      on.altered("a piece of work");
    }
    message->push_front(own_number);
    if (push_on(on, sink, std::move(*message), "stop")) ++handled;
  }
  control::count("handled", handled);
  finish(on, sink);
}

void play_pull(stage& on) {
  monocoque::pull socket(on.context, {.receive_high_water_mark = high_water_mark});
  socket.bind(on.set.text("bind"));
  control::report("ready " + socket.last_endpoint());
  ledger seen(on.orders);
  std::map<std::uint64_t, std::uint64_t> from;  // worker -> messages
  std::optional<std::uint64_t> expected;
  std::optional<clock::time_point> first;
  clock::time_point last;
  auto waited = 0ms;
  for (;;) {
    if (!expected && on.orders.has("expect")) expected = std::stoull(on.orders.wait("expect"));
    if (expected && waited >= (seen.total() >= *expected ? quiet : patience)) break;
    auto message = socket.receive_for(look_interval);
    waited = message ? 0ms : waited + look_interval;
    if (!message) continue;
    last = clock::now();
    if (!first) first = last;
    const std::uint64_t worker = std::stoul(message->pop_front().str());
    ++from[worker];
    if (const auto label = check_message(*message)) {
      seen.expect_rising(worker << 32U | label->stream, label->sequence);
      seen.expect_once(label->stream, label->sequence);
    } else {
      on.altered("a result");
    }
    on.orders.progress(seen.total());
  }
  seen.report_counts("received");
  for (const auto& [worker, count] : from) control::count(fmt::format("from:{}", worker), count);
  if (first) control::count("microseconds", static_cast<std::uint64_t>((last - *first) / 1us));
}

}  // namespace tool::demo
