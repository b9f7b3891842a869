#pragma once

#include "demo/cast.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tool::demo {

/// What a scene came to: a row of the table.
struct scene_result {
  std::uint64_t messages = 0;
  double seconds = 0;
  std::vector<std::uint32_t> round_trips;  ///< microseconds, in no order
  std::vector<std::string> findings;       ///< empty: every message is as it should be
};

/// One pattern between several processes.
struct scene {
  const char* name;   ///< for --only
  const char* title;  ///< the pattern
  const char* peers;  ///< who speaks to whom: M a Monocoque process, Z a libzmq one
  const char* sockets;
  scene_result (*play)(cast& with);
};

scene_result play_broker_scene(cast& with);
scene_result play_feed_scene(cast& with);
scene_result play_pipeline_scene(cast& with);
scene_result play_router_scene(cast& with);
scene_result play_libzmq_router_scene(cast& with);

/// Adds a finding unless the two numbers are the same.
void expect_equal(scene_result& result, std::string_view what, std::uint64_t found, std::uint64_t expected);

}  // namespace tool::demo
