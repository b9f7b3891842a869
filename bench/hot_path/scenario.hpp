#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hot_path {

/// Which sides a scenario counts.
enum class sides : std::uint8_t { each, sending, both };

/// One kind of traffic, connected and ready. Every call does one burst, always the same; `receive` takes what
/// `send` sent.
class scenario {
 public:
  scenario() = default;
  virtual ~scenario() = default;
  scenario(const scenario&) = delete;
  scenario& operator=(const scenario&) = delete;
  virtual void send() {}
  virtual void receive() {}
  /// Round trips.
  virtual void exchange() {}
};

struct description {
  const char* name;
  sides measures;
  int burst;         ///< messages, or round trips
  std::size_t size;  ///< bytes of payload a message, all frames together
  int frames;
  std::unique_ptr<scenario> (*make)(const description&);
};

std::vector<description> all_scenarios();

}  // namespace hot_path
