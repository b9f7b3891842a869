#include "scenarios/scenario.hpp"

#include "scenarios/all.hpp"

#include <algorithm>
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

std::vector<traffic> encrypted(const settings& chosen, flow kind, const std::vector<std::size_t>& sizes) {
  using monocoque::curve_keypair;
  std::vector<traffic> made;
  if (!monocoque::has_curve()) return made;
  for (const std::string& transport : chosen.transports_or({"tcp"})) {
    if (transport == "inproc") continue;
    for (const std::size_t size : sizes) {
      traffic what;
      what.kind = kind;
      what.transport = transport;
      what.size = size;
      what.curve = curve_ends{curve_keypair::generate(), curve_keypair::generate()};
      made.push_back(std::move(what));
    }
  }
  return made;
}

std::string security_label(const traffic& what) { return what.curve ? ", CURVE" : ""; }

figures work_alone(rival& who, const traffic& what, milliseconds duration) {
  figures found;
  const auto work_as = [&](const std::string& side) {
    const bool sends = side == "sender";
    const shared_board shared;
    crew processes(*shared);
    process_board& worker = processes.start(who.name(), [&](process_board& mine) {
      const duty role = duty_of(what, *shared, mine, !sends);
      sends ? who.send(role) : who.receive(role);
    });
    processes.wait_until("work", setup_limit, [&] { return worker.messages.value() > 0; });
    processes.wait_for(milliseconds(20));
    const window seen = watch(processes, {&worker}, 1, duration / 2);
    const double cpu = seen.end[0].cpu_seconds - seen.begin[0].cpu_seconds;
    found["messages_per_second_" + side] = seen.rate();
    found["cpu_seconds_per_million_" + side] = cpu / seen.messages * 1e6;
    return seen.rate();
  };
  const double sent = work_as("sender");
  const double received = work_as("receiver");
  found["messages_per_second"] = std::min(sent, received);
  return found;
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
  all.push_back(make_curve_throughput());
  all.push_back(make_curve_round_trip());
  all.push_back(make_curve_fan_out());
  return all;
}

}  // namespace bench
