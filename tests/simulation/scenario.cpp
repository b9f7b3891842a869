#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

namespace monocoque::simulation {

using std::chrono::milliseconds;

bool programs::done() const {
  return std::ranges::all_of(started_,
                             [](const program& each) { return each.handle.done() || each.on->is_dead(); });
}

void programs::bury() {
  const auto ended = [this] {
    return std::ranges::all_of(started_, [](const program& each) { return each.handle.done(); });
  };
  if (!world_.run_until(ended, std::chrono::minutes(1))) world_.complain("a dead host's program goes on");
  started_.clear();
}

void programs::finish(nanoseconds limit, const char* what) {
  world_.run_until([this] { return done() && !world_.has_plans(); }, limit);
  for (const program& each : started_) {
    if (!each.handle.done() && !each.on->is_dead())
      world_.complain(each.on->name() + ": a wait has not ended: " + what);
  }
  const auto ended = [](const program& each) { return each.handle.done() && !each.on->is_dead(); };
  const auto first_ended = std::ranges::partition(started_, std::not_fn(ended)).begin();
  for (auto each = first_ended; each != started_.end(); ++each) {
    try {
      each->handle.join();
    } catch (const std::exception& reason) {
      world_.complain(each->on->name() + ": " + reason.what());
    }
  }
  started_.erase(first_ended, started_.end());
}

mishaps::mishaps(world& in, perils also, std::uint64_t seed)
    : world_(in), dice_(~seed), any_(also == perils::hosts) {}

void mishaps::draw_heartbeats(host& of, std::initializer_list<socket_options*> all) {
  if (!any_ || !dice_.happens(500)) return;
  const milliseconds interval(50 + dice_.magnitude(3'000));
  // More than any network of ours takes there and back, with what is queued on the way.
  const milliseconds timeout(2'500 + dice_.magnitude(5'000));
  const milliseconds ttl = dice_.happens(300) ? interval + timeout : milliseconds(0);
  milliseconds handshake(0);
  for (socket_options* const each : all) {
    each->heartbeat_interval = interval;
    each->heartbeat_timeout = timeout;
    each->heartbeat_ttl = ttl;
    handshake = std::max(handshake, each->handshake_timeout);
  }
  // Once more for what has been acknowledged just before.
  of.expect_heartbeats(std::max(2 * (interval + timeout), handshake) + std::chrono::seconds(1));
}

void mishaps::draw_fate(host& who, std::function<void()> close, std::function<void()> replace) {
  if (!any_) return;
  // Some at the beginning, when connections are made, most in mid-flow.
  const auto some_time = [this](milliseconds most) {
    return nanoseconds(dice_.magnitude(static_cast<std::uint64_t>(nanoseconds(most).count())));
  };
  if (dice_.happens(200)) {
    world_.plan(world_.now() + some_time(milliseconds(10'000)),
                [&who, until = some_time(milliseconds(60'000)), this] {
                  if (!who.is_dead()) who.cut_off(world_.now() + until);
                });
  }
  if (!dice_.happens(300)) return;
  const time_point when = world_.now() + some_time(milliseconds(10'000));
  const nanoseconds away = some_time(milliseconds(10'000));
  const bool silently = dice_.happens(400);
  const auto die = [this, &who, silently, away, close = std::move(close), replace = std::move(replace)] {
    const time_point back = world_.now() + away;
    ++deaths_;
    who.die(silently, back);
    close();
    world_.plan(back, replace);
  };
  world_.plan(when, die);
}

namespace {

task<> pass_on(socket& front, socket& back) { static_cast<void>(co_await async_proxy(front, back)); }

}  // namespace

void open_middle(host& on, socket& front, socket& back, const surroundings& around,
                 std::function<void()> replace) {
  front.bind("tcp://*:5555");
  back.bind("tcp://*:6666");
  const bool has_heartbeats = around.fates.has_heartbeats(on);
  around.in.watch("front", front, has_heartbeats);
  around.in.watch("back", back, has_heartbeats);
  around.running.start(on, pass_on(front, back));
  const auto close = [&front, &back] {
    front.close(milliseconds(0));
    back.close(milliseconds(0));
  };
  around.fates.draw_fate(on, close, std::move(replace));
}

socket_options draw_options(chance& dice) {
  socket_options drawn;
  drawn.send_high_water_mark = static_cast<int>(1 + dice.magnitude(1000));
  drawn.receive_high_water_mark = static_cast<int>(1 + dice.magnitude(1000));
  if (dice.happens(200)) drawn.receive_byte_limit = 1 + dice.magnitude(1'000'000);
  drawn.immediate = dice.happens(200);
  drawn.reconnect_interval = milliseconds(20 + dice.magnitude(2'000));
  if (dice.happens(300)) drawn.reconnect_interval_max = drawn.reconnect_interval * 4;
  drawn.handshake_timeout = milliseconds(5'000 + dice.magnitude(30'000));
  if (dice.happens(500)) drawn.connect_timeout = milliseconds(500 + dice.magnitude(10'000));
  drawn.backlog = static_cast<int>(1 + dice.below(10));
  return drawn;
}

task<> dawdle(chance& dice) {
  if (!dice.happens(100)) co_return;
  const milliseconds pause(dice.magnitude(500));
  co_await sleep_for(pause);
}

void let_settle(world& in) {
  in.run_until([&] { return !in.is_troubled(); }, std::chrono::minutes(5));
  in.run_until([] { return false; }, std::chrono::seconds(20));
}

}  // namespace monocoque::simulation
