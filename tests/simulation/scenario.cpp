#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <exception>

namespace monocoque::simulation {

using std::chrono::milliseconds;

bool programs::done() const {
  return std::ranges::all_of(started_, [](const program& each) { return each.handle.done(); });
}

void programs::finish(nanoseconds limit, const char* what) {
  world_.run_until([this] { return done(); }, limit);
  for (program& each : started_) {
    if (!each.handle.done()) {
      world_.complain(each.on->name() + ": a wait has not ended: " + what);
      continue;
    }
    try {
      each.handle.join();
    } catch (const std::exception& reason) {
      world_.complain(each.on->name() + ": " + reason.what());
    }
  }
  if (done()) started_.clear();
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
  in.run_until([] { return false; }, std::chrono::seconds(20));
}

}  // namespace monocoque::simulation
