#pragma once

#include <string_view>

namespace tool::demo {

/// The text of demo_peer.py, put in by the build, so that the program needs no file beside it. For `python3
/// -c`.
extern const std::string_view peer_script;

}  // namespace tool::demo
