#include "scenarios/all.hpp"

namespace bench {

namespace {

std::string topic_label(topics mode) {
  switch (mode) {
    case topics::all: return "all match";
    case topics::tenth: return "1 in 10 matches";
    case topics::own: return "a topic each";
    case topics::one_of_set: return "held topics";
  }
  return {};
}

cell fan_out_cell(traffic what) {
  what.kind = flow::pub_sub;
  cell made;
  made.label = what.transport + " PUB->" + std::to_string(what.subscribers) + " SUB " +
               size_label(what.size) + " " + topic_label(what.topic_mode);
  if (what.topic_mode == topics::one_of_set) made.label += ", " + std::to_string(what.held);
  made.label += security_label(what);
  if (!what.wait_for_slow) made.label += what.stalled_one ? ", one more never reads" : ", may drop";
  made.labels = {{"transport", what.transport},
                 {"subscribers", std::to_string(what.subscribers)},
                 {"size", std::to_string(what.size)},
                 {"topics", topic_label(what.topic_mode)},
                 {"held", std::to_string(what.held)},
                 {"slow", what.wait_for_slow ? "waited for" : "dropped"},
                 {"stalled", what.stalled_one ? "1" : "0"}};
  made.what = std::move(what);
  return made;
}

class published_scenario : public scenario {
 public:
  using scenario::scenario;
  [[nodiscard]] std::vector<metric> metrics() const override {
    return {{"messages_per_second", "M delivered/s", 1e6, 3, true, true},
            {"cpu_seconds_per_million_publisher", "CPU s/M pub", 1, 3}};
  }
  [[nodiscard]] figures measure(rival& who, const cell& which, const settings& chosen) const override {
    const traffic& what = which.what;
    if (who.works_alone()) return work_alone(who, what, chosen.window());
    const shared_board shared;
    crew processes(*shared);
    processes.start(who.name() + " publisher",
                    [&](process_board& mine) { who.publish(duty_of(what, *shared, mine, true)); });
    processes.wait_until("bind", setup_limit, [&] { return shared->bound.load(); });
    process_board& subscribers = processes.start(who.name() + " subscribers", [&](process_board& mine) {
      who.subscribe(duty_of(what, *shared, mine, false));
    });
    const milliseconds limit = setup_limit + milliseconds(what.held / 20);
    processes.wait_until("subscriptions", limit,
                         [&] { return subscribers.ready.value() >= what.subscribers; });
    shared->subscribed = true;
    processes.wait_for(milliseconds(50));
    const window seen = watch(processes, {&subscribers}, 2, chosen.window());
    const double cpu = seen.end[0].cpu_seconds - seen.begin[0].cpu_seconds;
    return {{"messages_per_second", seen.rate()},
            {"cpu_seconds_per_million_publisher", cpu / seen.messages * 1e6}};
  }
};

class fan_out final : public published_scenario {
 public:
  fan_out()
      : published_scenario("fanout",
                           "PUB to SUB: subscribers, topics, subscriptions held, one that does not read") {}

  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    for (const std::string& transport : chosen.transports_or({"tcp"})) {
      if (transport == "inproc") continue;
      traffic usual;
      usual.transport = transport;
      const auto counts =
          chosen.subscribers.empty() ? std::vector<unsigned>{1, 4, 32, 256} : chosen.subscribers;
      for (const unsigned subscribers : counts) {
        for (const std::size_t size : chosen.sizes_or({16, 64, 256, 1024}, {64})) {
          traffic what = usual;
          what.subscribers = subscribers;
          what.size = size;
          made.push_back(fan_out_cell(what));
        }
      }
      for (const topics mode : {topics::tenth, topics::own}) {
        traffic what = usual;
        what.subscribers = chosen.subscribers.empty() ? 32 : chosen.subscribers.front();
        what.topic_mode = mode;
        made.push_back(fan_out_cell(what));
      }
      if (!chosen.subscribers.empty()) continue;  // the other cells have numbers of their own
      for (const unsigned held : {1U, 1000U, 1'000'000U}) {
        if (chosen.quick && held > 1000) continue;
        traffic what = usual;
        what.topic_mode = topics::one_of_set;
        what.held = held;
        made.push_back(fan_out_cell(what));
        if (held > 1000) made.back().most_rounds = 2;
      }
      for (const bool stalled : {false, true}) {
        traffic what = usual;
        what.subscribers = 4;
        what.wait_for_slow = false;
        what.stalled_one = stalled;
        made.push_back(fan_out_cell(what));
      }
    }
    return made;
  }
};

class curve_fan_out final : public published_scenario {
 public:
  curve_fan_out()
      : published_scenario("curve-fanout", "PUB to SUB with CURVE: encrypted for each subscriber") {}

  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    const auto counts = chosen.subscribers.empty() ? std::vector<unsigned>{16} : chosen.subscribers;
    const auto sizes = chosen.sizes_or({64, 1024, 16'384}, {64});
    for (traffic& what : encrypted(chosen, flow::pub_sub, sizes)) {
      for (const unsigned subscribers : counts) {
        what.subscribers = subscribers;
        made.push_back(fan_out_cell(what));
      }
    }
    return made;
  }
};

}  // namespace

std::unique_ptr<scenario> make_fan_out() { return std::make_unique<fan_out>(); }
std::unique_ptr<scenario> make_curve_fan_out() { return std::make_unique<curve_fan_out>(); }

}  // namespace bench
