#include "rivals/many_peers.hpp"
#include "scenarios/all.hpp"

#include <sys/resource.h>

namespace bench {

namespace {

/// Descriptors for that many connections and a few more; a failure that says so if the system has fewer.
void want_descriptors(unsigned connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = connections + 64;
  if (limit.rlim_max < wanted) {
    throw cell_failure("needs " + std::to_string(wanted) + " descriptors a process; the limit is " +
                       std::to_string(limit.rlim_max));
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

class connections final : public scenario {
 public:
  connections() : scenario("connections", "thousands of peers on one PULL: memory, connect rate, 1% busy") {}

  [[nodiscard]] std::vector<metric> metrics() const override {
    return {{"bytes_per_connection", "bytes each", 1, 0, false, true},
            {"connections_per_second", "connects/s", 1, 0, true, true},
            {"messages_per_second", "M msg/s, 1% busy", 1e6, 3, true, true}};
  }

  [[nodiscard]] std::vector<cell> cells(const settings& chosen) const override {
    std::vector<cell> made;
    for (const unsigned peers : {1000U, 10'000U}) {
      if (chosen.quick && peers > 1000) continue;
      for (const std::size_t size : chosen.sizes_or({64}, {64})) {
        cell each;
        each.label = "tcp " + std::to_string(peers) + " peers, " + size_label(size);
        each.labels = {
            {"transport", "tcp"}, {"peers", std::to_string(peers)}, {"size", std::to_string(size)}};
        each.what.size = size;
        each.what.senders = peers;
        made.push_back(std::move(each));
      }
    }
    return made;
  }

  [[nodiscard]] figures measure(rival& who, const cell& which, const settings& chosen) const override {
    const unsigned peers = which.what.senders;
    want_descriptors(peers);
    const shared_board shared;
    crew processes(*shared);
    process_board& server = processes.start(who.name() + " receiver", [&](process_board& mine) {
      who.receive(duty_of(which.what, *shared, mine, true));
    });
    processes.wait_until("bind", setup_limit, [&] { return shared->bound.load(); });
    processes.wait_for(milliseconds(50));
    const auto before = static_cast<double>(processes.used(0).resident_bytes);
    const auto start = steady_clock::now();
    process_board& clients = processes.start(
        "peers", [&](process_board& mine) { be_many_peers(duty_of(which.what, *shared, mine, false)); });
    processes.wait_until("connections", 6 * setup_limit, [&] { return clients.ready.value() == peers; });
    const double took = std::chrono::duration<double>(steady_clock::now() - start).count();
    const auto after = static_cast<double>(processes.used(0).resident_bytes);
    shared->subscribed = true;  // those that are busy may begin
    processes.wait_until("messages", setup_limit, [&] { return server.messages.value() > 0; });
    processes.wait_for(milliseconds(50));
    const window seen = watch(processes, {&server}, 1, chosen.window());
    return {{"bytes_per_connection", (after - before) / peers},
            {"connections_per_second", peers / took},
            {"messages_per_second", seen.rate()}};
  }
};

}  // namespace

std::unique_ptr<scenario> make_connections() { return std::make_unique<connections>(); }

}  // namespace bench
