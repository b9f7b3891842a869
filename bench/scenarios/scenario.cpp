#include "scenarios/scenario.hpp"

#include "scenarios/all.hpp"

#include <cstdint>

namespace bench {

namespace {

struct look {
  steady_clock::time_point when;
  std::uint64_t messages;
};

/// Clock and counters as of the same moment: if this process was put aside between the two, again.
look look_at(const std::vector<process_board*>& receivers) {
  for (int attempt = 0;; ++attempt) {
    look found{steady_clock::now(), 0};
    for (const process_board* each : receivers) found.messages += each->messages.value();
    if (steady_clock::now() - found.when < std::chrono::microseconds(20) || attempt == 10) return found;
  }
}

}  // namespace

duty duty_of(const traffic& what, board& shared, process_board& mine, bool binds) {
  return {what, shared, mine, binds};
}

window watch(crew& crew_at_work, const std::vector<process_board*>& receivers, std::size_t processes,
             milliseconds duration) {
  window seen;
  for (std::size_t i = 0; i < processes; ++i) seen.begin.push_back(crew_at_work.used(i));
  const look begin = look_at(receivers);
  crew_at_work.wait_for(duration);
  const look end = look_at(receivers);
  for (std::size_t i = 0; i < processes; ++i) seen.end.push_back(crew_at_work.used(i));
  for (const process_board* each : receivers) {
    if (each->wrong.value() != 0) throw cell_failure("messages arrived damaged");
  }
  seen.seconds = std::chrono::duration<double>(end.when - begin.when).count();
  seen.messages = static_cast<double>(end.messages - begin.messages);
  if (seen.messages == 0) throw cell_failure("no messages arrived while it was measured");
  return seen;
}

std::string size_label(std::size_t bytes) {
  if (bytes >= (1U << 20U) && bytes % (1U << 20U) == 0) return std::to_string(bytes >> 20U) + " MiB";
  if (bytes >= 10'240 && bytes % 1024 == 0) return std::to_string(bytes / 1024) + " KiB";
  return std::to_string(bytes) + " B";
}

std::vector<std::unique_ptr<scenario>> all_scenarios() {
  std::vector<std::unique_ptr<scenario>> all;
  all.push_back(make_throughput());
  all.push_back(make_shapes());
  all.push_back(make_round_trip());
  all.push_back(make_fan_out());
  all.push_back(make_cost());
  all.push_back(make_connections());
  return all;
}

}  // namespace bench
