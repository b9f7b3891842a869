#pragma once

#include <string>
#include <vector>

namespace tool {

/// `monocoque demo-peer KEY=VALUE...`: plays the role that the key `role` names, to the end, and returns the
/// exit status. demo_peer.py does the same with pyzmq.
[[nodiscard]] int run_demo_peer(const std::vector<std::string>& words);

}  // namespace tool
