#include "demo/scene.hpp"

#include <fmt/format.h>

namespace tool::demo {

// Requests of four clients are dealt out to four workers by a broker, which is `monocoque proxy` in one
// process.
scene_result play_broker_scene(cast& with) {
  peer& broker = with.start(implementation::monocoque, "broker", "broker",
                            {"frontend=" + with.fresh_endpoint(), "backend=" + with.fresh_endpoint()});
  group workers;
  group clients;
  for (int index = 0; index < 4; ++index) {
    const auto made_with = index < 2 ? implementation::monocoque : implementation::libzmq;
    workers.push_back(&with.start(made_with, fmt::format("worker {}", index + 1), "rep"));
    clients.push_back(&with.start(made_with, fmt::format("client {}", index + 1), "req",
                                  {fmt::format("stream={}", index), index == 0 ? with.fault() : "fault="}));
  }
  with.wait_ready({&broker});
  cast::tell(workers, "connect " + broker.endpoints.at(1));
  cast::tell(clients, "connect " + broker.endpoints.at(0));
  with.wait_ready(workers);
  with.wait_ready(clients);
  cast::tell(clients, "go");
  with.play(clients);
  with.finish(clients);
  scene_result result;
  result.seconds = with.seconds_played();
  with.finish(workers);
  with.finish({&broker});

  std::uint64_t served = 0;
  for (const peer* client : clients) result.messages += client->counted("exchanged");
  for (const peer* worker : workers) served += worker->counted("served");
  result.findings = with.findings();
  expect_equal(result, "requests served", served, result.messages);
  result.round_trips = with.round_trips();
  return result;
}

}  // namespace tool::demo
