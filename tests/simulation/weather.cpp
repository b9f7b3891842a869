#include "tests/simulation/weather.hpp"

namespace monocoque::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

weather weather::draw(chance& dice) {
  weather drawn;
  // A quarter of all worlds is calm, but for how the bytes are cut.
  const bool rough = !dice.happens(250);
  const auto some = [&](unsigned most) {
    return rough && dice.happens(500) ? static_cast<unsigned>(dice.between(1, most)) : 0U;
  };
  drawn.latency_least = microseconds(dice.magnitude(5'000));
  drawn.latency_most = drawn.latency_least + microseconds(1 + dice.magnitude(50'000));
  drawn.bytes_a_ms = dice.happens(300) ? 1'000 + dice.magnitude(1'000'000) : 0;
  drawn.buffer_bytes = 1 + dice.magnitude(512 * 1024);
  drawn.largest_segment = 1 + dice.magnitude(128 * 1024);
  // So few bytes at a time that nothing would ever get done are no test.
  if (drawn.buffer_bytes < 512) drawn.buffer_bytes += 512;
  if (drawn.largest_segment < 16 && !dice.happens(200)) drawn.largest_segment += 64;
  drawn.short_writes = dice.happens(500) ? static_cast<unsigned>(dice.magnitude(900)) : 0;
  drawn.short_reads = dice.happens(500) ? static_cast<unsigned>(dice.magnitude(900)) : 0;
  drawn.late_completions = dice.happens(500) ? static_cast<unsigned>(dice.magnitude(900)) : 0;

  if (rough) drawn.clears_after = dice.between(milliseconds(1), milliseconds(20'000));
  drawn.lost = some(900);
  drawn.lost_within = 1 + dice.magnitude(200'000);
  drawn.lost_in_time = some(900);
  drawn.half_open = some(300);
  drawn.stalled = some(500);
  drawn.refused = some(700);
  drawn.unanswered = some(100);
  drawn.exhausted = some(700);
  return drawn;
}

}  // namespace monocoque::simulation
