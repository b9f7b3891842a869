#include "tests/soak/program/episode.hpp"

#include "base/temporary_folder.hpp"
#include "tests/soak/program/parties.hpp"

#include <optional>
#include <random>
#include <string>

namespace monocoque::test {
namespace {

/// Where the sockets of an episode meet; a folder that is gone with it for those that need one.
class place {
 public:
  place(int kind, std::uint32_t seed) {
    if (kind == 0) {
      endpoint = "tcp://127.0.0.1:0";
    } else if (kind == 1) {
      endpoint = folder_.emplace().ipc("s");
    } else {
      endpoint = "inproc://" + std::to_string(seed);
    }
  }

  std::string endpoint;

 private:
  std::optional<base::temporary_folder> folder_;
};

socket_options draw_options(std::minstd_rand& random) {
  constexpr int marks[] = {1, 10, 1000, 1000};
  socket_options options;
  options.send_high_water_mark = marks[random() % 4];
  options.receive_high_water_mark = marks[random() % 4];
  options.receive_byte_limit = random() % 4 == 0 ? 4096 : 16UL * 1024 * 1024;
  options.linger = std::chrono::milliseconds(random() % 2 == 0 ? 0 : 30);
  options.immediate = random() % 4 == 0;
  options.reconnect_interval = std::chrono::milliseconds(1 + random() % 5);
  return options;
}

std::string describe(const stage& scene, unsigned pattern) {
  const socket_options& with = scene.options;
  std::string words = "pattern " + std::to_string(pattern) + ", " + scene.endpoint + ", " +
                      std::to_string(scene.spokes) + " spokes, marks " +
                      std::to_string(with.send_high_water_mark) + " and " +
                      std::to_string(with.receive_high_water_mark);
  if (scene.inline_contexts) words += ", inline";
  if (scene.spokes_come_and_go) words += ", spokes come and go";
  if (scene.hub_comes_and_goes) words += ", the hub comes and goes";
  if (with.immediate) words += ", immediate";
  if (with.receive_byte_limit < 10'000) words += ", little room";
  return words;
}

}  // namespace

tally run_episode(std::uint32_t seed) {
  std::minstd_rand random(seed);
  const int transport = static_cast<int>(random() % 3);
  place where(transport, seed);
  const bool in_process = transport == 2;
  stage scene;
  scene.endpoint = where.endpoint;
  scene.options = draw_options(random);
  scene.seed = static_cast<std::uint32_t>(random());
  scene.inline_contexts = !in_process && random() % 2 == 0;
  scene.spokes = 1 + static_cast<unsigned>(random() % 3);
  scene.spokes_come_and_go = random() % 3 != 0;
  // Who has connected within a process does so once, so there the one that binds stays.
  scene.hub_comes_and_goes = !in_process && random() % 3 == 0;
  if (in_process) scene.shared = std::make_unique<context>();
  const auto length = std::chrono::milliseconds(50 + random() % 200);

  const unsigned pattern = static_cast<unsigned>(random() % pattern_count);
  scene.description = describe(scene, pattern);
  start(scene, pattern);
  {
    std::unique_lock lock(scene.mutex);
    scene.changed.wait_for(lock, length, [&] { return scene.failed; });
  }
  return scene.finish();
}

}  // namespace monocoque::test
