#pragma once

#include "demo/scene.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool::demo {

/// The demonstration on standard output: on a terminal a line that is redrawn while a scene plays, in colour
/// unless NO_COLOR is set; otherwise a line when a scene starts and one when it ends.
class display {
 public:
  display();

  void line(std::string_view text);
  void start(const scene& which, std::string_view transport);
  void progress(std::uint64_t messages, double seconds);
  void finish(const scene_result& result);
  /// Removes the line of a scene that does not end.
  void abandon();
  /// The rows of all scenes, and the legend.
  void table();

 private:
  struct row {
    const scene* which;
    std::string transport;
    scene_result result;
  };

  [[nodiscard]] std::size_t width() const;
  [[nodiscard]] std::string coloured(std::string_view text, bool good) const;
  void redraw(std::string text);

  bool terminal_ = false;
  bool colour_ = false;
  const scene* current_ = nullptr;
  std::string transport_;
  std::vector<row> rows_;
};

/// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t value);
/// "87 us", "1.24 ms": the value that `share` of the sorted microseconds do not exceed; "-" if there are
/// none.
[[nodiscard]] std::string quantile(const std::vector<std::uint32_t>& sorted, double share);

}  // namespace tool::demo
