#include "scenarios/all.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace bench {

namespace {

window stream_inproc(rival& who, const traffic& what, milliseconds duration) {
  const shared_board shared;
  crew processes(*shared);
  processes.leave_unpinned();
  process_board& both = processes.start(who.name(), [&](process_board& mine) {
    who.exchange(duty_of(what, *shared, mine, false), duty_of(what, *shared, mine, true));
  });
  processes.wait_until("stream", setup_limit, [&] { return both.messages.value() > 0; });
  processes.wait_for(milliseconds(50));
  return watch(processes, {&both}, 1, duration);
}

}  // namespace

window stream(rival& who, const traffic& what, milliseconds duration, bool count_system_calls) {
  if (what.transport == "inproc") return stream_inproc(who, what, duration);
  const shared_board shared;
  crew processes(*shared, count_system_calls);
  const bool sender_binds = what.receivers > 1;  // the one end of several binds
  const auto start_senders = [&] {
    for (unsigned i = 0; i < what.senders; ++i) {
      processes.start(who.name() + " sender",
                      [&](process_board& mine) { who.send(duty_of(what, *shared, mine, sender_binds)); });
    }
  };
  std::vector<process_board*> receivers;
  const auto start_receivers = [&] {
    for (unsigned i = 0; i < what.receivers; ++i) {
      receivers.push_back(&processes.start(who.name() + " receiver", [&](process_board& mine) {
        who.receive(duty_of(what, *shared, mine, !sender_binds));
      }));
    }
  };
  const auto is_bound = [&] { return shared->bound.load(); };
  if (sender_binds) {
    start_senders();
    processes.wait_until("bind", setup_limit, is_bound);
    start_receivers();
  } else {
    start_receivers();
    processes.wait_until("bind", setup_limit, is_bound);
    start_senders();
  }
  processes.wait_until("stream", setup_limit, [&] {
    return std::ranges::all_of(receivers,
                               [](const process_board* each) { return each->messages.value() > 0; });
  });
  processes.wait_for(milliseconds(50));
  window seen = watch(processes, receivers, what.senders + what.receivers, duration);
  if (!sender_binds) {  // receivers were started first
    std::ranges::rotate(seen.begin, seen.begin.begin() + what.receivers);
    std::ranges::rotate(seen.end, seen.end.begin() + what.receivers);
  }
  return seen;
}

namespace {

const metric rate_metric{"messages_per_second", "M msg/s", 1e6, 3, true, true};

/// Sum over the processes [from, to) of what `of` gives, between the window's ends.
template <class Of>
double used(const window& seen, std::size_t from, std::size_t to, Of of) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += static_cast<double>(of(seen.end[i]) - of(seen.begin[i]));
  return sum;
}

figures costs(const window& seen, const traffic& what) {
  figures found;
  const std::size_t processes = seen.begin.size();
  const std::size_t middle = processes == 1 ? 0 : what.senders;
  const auto put = [&](const std::string& side, std::size_t from, std::size_t to) {
    const auto a_million = [&](double amount) { return amount / seen.messages * 1e6; };
    found["cpu_seconds_per_million_" + side] =
        a_million(used(seen, from, to, [](const usage& each) { return each.cpu_seconds; }));
    found["allocations_per_message_" + side] =
        used(seen, from, to, [](const usage& each) { return each.allocations; }) / seen.messages;
    if (seen.end[from].system_calls) {
      found["system_calls_per_million_" + side] =
          a_million(used(seen, from, to, [](const usage& each) { return each.system_calls.value_or(0); }));
    }
    double peak = 0;
    for (std::size_t i = from; i < to; ++i) peak += static_cast<double>(seen.end[i].peak_resident_bytes);
    found["peak_bytes_" + side] = peak;
  };
  if (middle > 0) put("sender", 0, middle);
  put("receiver", middle, processes);
  return found;
}

std::string flow_label(const traffic& what) {
  return what.kind == flow::push_pull ? "PUSH->PULL" : "DEALER->ROUTER";
}

cell stream_cell(traffic what) {
  cell made;
  made.label = what.transport + " " + flow_label(what) + " " + size_label(what.size);
  if (what.frames > 1) made.label += " in " + std::to_string(what.frames) + " frames";
  const std::string topology = std::to_string(what.senders) + "->" + std::to_string(what.receivers);
  if (topology != "1->1") made.label += " " + topology;
  made.label += security_label(what);
  made.labels = {{"transport", what.transport},
                 {"flow", flow_label(what)},
                 {"size", std::to_string(what.size)},
                 {"frames", std::to_string(what.frames)},
                 {"topology", topology}};
  made.what = std::move(what);
  return made;
}

class stream_scenario : public scenario {
 public:
  using scenario::scenario;
  [[nodiscard]] std::vector<metric> metrics() const override { return {rate_metric}; }
  [[nodiscard]] figures measure(rival& who, const cell& which, const settings& chosen) const override {
    if (who.works_alone()) return work_alone(who, which.what, chosen.window());
    const window seen = stream(who, which.what, chosen.window(), which.count_system_calls);
    figures found = costs(seen, which.what);
    found[rate_metric.name] = seen.rate();
    return found;
  }
};

const std::vector<std::string> every_transport{"tcp", "ipc", "inproc"};
const std::vector<std::size_t> every_size{8, 16, 64, 256, 1024, 4096, 16'384, 65'536, 1'048'576};

class throughput final : public stream_scenario {
 public:
  throughput() : stream_scenario("throughput", "PUSH to PULL, one frame, one to one, by size") {}
  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    for (const std::string& transport : chosen.transports_or(every_transport)) {
      for (const std::size_t size : chosen.sizes_or(every_size, {16, 64, 1024, 65'536})) {
        traffic what;
        what.transport = transport;
        what.size = size;
        made.push_back(stream_cell(what));
      }
    }
    return made;
  }
};

class shapes final : public stream_scenario {
 public:
  shapes() : stream_scenario("shapes", "DEALER to ROUTER, 3 frames, 4 to 1 and 1 to 4") {}
  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    for (const std::string& transport : chosen.transports_or({"tcp"}, every_transport)) {
      for (const std::size_t size : chosen.sizes_or({64, 1024}, {64}, every_size)) {
        for (traffic what : all_shapes()) {
          const bool one_to_one = what.senders == 1 && what.receivers == 1;
          const bool simple = what.kind == flow::push_pull && what.frames == 1;
          if (simple && one_to_one) continue;                  // that is `throughput`
          if (!one_to_one && transport == "inproc") continue;  // several processes
          if (!one_to_one && !simple && !chosen.full) continue;
          what.transport = transport;
          what.size = size;
          made.push_back(stream_cell(what));
        }
      }
    }
    return made;
  }

 private:
  static std::vector<traffic> all_shapes() {
    std::vector<traffic> all;
    for (const auto& [senders, receivers] : {std::pair{1U, 1U}, {4U, 1U}, {1U, 4U}}) {
      for (const flow kind : {flow::push_pull, flow::dealer_router}) {
        for (const unsigned frames : {1U, 3U}) {
          traffic what;
          what.kind = kind;
          what.frames = frames;
          what.senders = senders;
          what.receivers = receivers;
          all.push_back(what);
        }
      }
    }
    return all;
  }
};

class cost final : public stream_scenario {
 public:
  cost()
      : stream_scenario("cost", "CPU time, system calls, memory and allocations of a PUSH to PULL stream") {}
  [[nodiscard]] std::vector<metric> metrics() const override {
    return {rate_metric,
            {"cpu_seconds_per_million_sender", "CPU s/M snd", 1, 3},
            {"cpu_seconds_per_million_receiver", "rcv", 1, 3},
            {"system_calls_per_million_sender", "calls/M snd", 1, 0},
            {"system_calls_per_million_receiver", "rcv", 1, 0},
            {"allocations_per_message_sender", "mallocs snd", 1, 3},
            {"allocations_per_message_receiver", "rcv", 1, 3},
            {"peak_bytes_sender", "peak MB snd", 1e6, 1},
            {"peak_bytes_receiver", "rcv", 1e6, 1}};
  }
  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    for (const std::string& transport : chosen.transports_or({"tcp"}, {"tcp", "ipc"})) {
      for (const std::size_t size : chosen.sizes_or({64, 1024, 16'384, 65'536}, {64, 65'536}, every_size)) {
        traffic what;
        what.transport = transport;
        what.size = size;
        made.push_back(stream_cell(what));
        made.back().count_system_calls = true;
      }
    }
    return made;
  }
};

class curve_throughput final : public stream_scenario {
 public:
  curve_throughput() : stream_scenario("curve-throughput", "PUSH to PULL with CURVE, by size") {}
  [[nodiscard]] std::vector<metric> metrics() const override {
    return {rate_metric,
            {"cpu_seconds_per_million_sender", "CPU s/M snd", 1, 3},
            {"cpu_seconds_per_million_receiver", "rcv", 1, 3}};
  }
  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    const auto sizes = chosen.sizes_or({16, 64, 256, 1024, 4096, 16'384, 65'536}, {64, 1024, 65'536});
    for (const traffic& what : encrypted(chosen, flow::push_pull, sizes)) made.push_back(stream_cell(what));
    return made;
  }
};

}  // namespace

std::unique_ptr<scenario> make_throughput() { return std::make_unique<throughput>(); }
std::unique_ptr<scenario> make_shapes() { return std::make_unique<shapes>(); }
std::unique_ptr<scenario> make_cost() { return std::make_unique<cost>(); }
std::unique_ptr<scenario> make_curve_throughput() { return std::make_unique<curve_throughput>(); }

}  // namespace bench
