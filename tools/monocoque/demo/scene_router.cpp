#include "demo/scene.hpp"

#include <fmt/format.h>

#include <array>

namespace tool::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 4> names{"ada", "bjarne", "grace", "zoe"};
constexpr auto meeting_limit = 20s;

// One ROUTER sends each of four DEALERs its own messages, by name, and gets them back.
scene_result play(cast& with, implementation router_made_with) {
  peer& router = with.start(router_made_with, "router", "router",
                            {"bind=" + with.fresh_endpoint(), "stream=0",
                             fmt::format("names={}", fmt::join(names, ",")), with.fault()});
  group dealers;
  for (const char* name : names) {
    const auto made_with = dealers.size() < 2 ? implementation::monocoque : implementation::libzmq;
    dealers.push_back(&with.start(made_with, name, "dealer", {fmt::format("name={}", name)}));
  }
  with.wait_ready({&router});
  cast::tell(dealers, "connect " + router.endpoints.at(0));
  with.wait([&router] { return router.present; }, "the DEALERs' coming", meeting_limit);
  router.tell("go");
  with.play({&router});
  with.finish({&router});
  scene_result result;
  result.seconds = with.seconds_played();
  with.finish(dealers);

  result.findings = with.findings();
  for (std::size_t stream = 0; stream < dealers.size(); ++stream) {
    const std::uint64_t sent = router.counted(fmt::format("sent:{}", stream));
    const std::string received = fmt::format("received:{}", stream);
    expect_equal(result, fmt::format("{} to {}", router.name(), dealers[stream]->name()),
                 dealers[stream]->counted(received), sent);
    expect_equal(result, fmt::format("{} to {}", dealers[stream]->name(), router.name()),
                 router.counted(received), sent);
    result.messages += router.counted(received);
  }
  result.round_trips = with.round_trips();
  return result;
}

}  // namespace

scene_result play_router_scene(cast& with) { return play(with, implementation::monocoque); }
scene_result play_libzmq_router_scene(cast& with) { return play(with, implementation::libzmq); }

}  // namespace tool::demo
