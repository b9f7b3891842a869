#include "demo/scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace tool::demo {
namespace {

constexpr std::chrono::seconds pause_limit{20};

}  // namespace

// Two ventilators deal messages out to four workers, which pass them on to one sink.
scene_result play_pipeline_scene(cast& with) {
  peer& sink = with.start(implementation::monocoque, "sink", "pull", {"bind=" + with.fresh_endpoint()});
  group sources;
  group workers;
  for (const auto made_with : {implementation::monocoque, implementation::libzmq}) {
    sources.push_back(&with.start(made_with, fmt::format("ventilator {}", sources.size() + 1), "push",
                                  {"bind=" + with.fresh_endpoint(), fmt::format("stream={}", sources.size()),
                                   sources.empty() ? with.fault() : "fault="}));
    for (int count = 0; count < 2; ++count) {
      workers.push_back(&with.start(made_with, fmt::format("worker {}", workers.size() + 1), "worker",
                                    {fmt::format("worker={}", workers.size())}));
    }
  }
  with.wait_ready({&sink});
  with.wait_ready(sources);
  cast::tell(workers, "sink " + sink.endpoints.at(0));
  cast::tell(workers, fmt::format("connect {} {}", sources[0]->endpoints.at(0), sources[1]->endpoints.at(0)));
  with.wait_ready(workers);
  cast::tell(sources, "go");
  with.play({&sink});
  cast::tell(sources, "pause");
  with.wait([&sources] { return std::ranges::all_of(sources, [](const peer* one) { return one->paused; }); },
            "the ventilators' pause", pause_limit);
  std::uint64_t sent = 0;
  for (std::size_t stream = 0; stream < sources.size(); ++stream) {
    sent += sources[stream]->counted(fmt::format("sent:{}", stream));
  }
  cast::tell({&sink}, fmt::format("expect {}", sent));
  with.finish({&sink});
  with.finish(sources);
  with.finish(workers);

  scene_result result;
  result.findings = with.findings();
  std::uint64_t handled = 0;
  for (std::size_t index = 0; index < workers.size(); ++index) {
    const std::uint64_t passed_on = workers[index]->counted("handled");
    expect_equal(result, fmt::format("{} to {}", workers[index]->name(), sink.name()),
                 sink.counted(fmt::format("from:{}", index)), passed_on);
    handled += passed_on;
  }
  expect_equal(result, "work handled", handled, sent);
  for (std::size_t stream = 0; stream < sources.size(); ++stream) {
    const std::uint64_t received = sink.counted(fmt::format("received:{}", stream));
    expect_equal(result, fmt::format("{} to {}", sources[stream]->name(), sink.name()), received,
                 sources[stream]->counted(fmt::format("sent:{}", stream)));
    result.messages += received;
  }
  result.seconds = static_cast<double>(sink.counted("microseconds")) / 1e6;
  return result;
}

}  // namespace tool::demo
