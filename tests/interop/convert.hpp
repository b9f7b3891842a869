#pragma once

#include <monocoque/message.hpp>

#include <string>
#include <vector>

namespace monocoque::test {

using frames = std::vector<std::string>;

inline message to_message(const frames& parts) {
  message made(parts.at(0));
  for (std::size_t i = 1; i < parts.size(); ++i) made.push_back(parts[i]);
  return made;
}

inline frames to_frames(const message& from) {
  frames parts;
  for (std::size_t i = 0; i < from.size(); ++i) parts.push_back(from[i].str());
  return parts;
}

}  // namespace monocoque::test
