#pragma once

#include "demo/process.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tool::demo {

enum class implementation : std::uint8_t { monocoque, libzmq };

/// A peer process as the parent sees it: what it was started as, and what it has reported so far.
class peer {
 public:
  peer(std::string name, implementation made_with, const std::vector<std::string>& arguments);

  /// Tells it "go", "stop", "connect ENDPOINT..."; a peer that has gone is noticed when its reports end.
  void tell(const std::string& order) { process_.write(order + "\n"); }
  /// Reads what it wrote; false once it has ended.
  bool read_reports();
  /// The same after waiting until there is something.
  bool wait_for_reports();
  [[nodiscard]] process& child() noexcept { return process_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Why it ended before it was done: its last words.
  [[nodiscard]] std::string why_ended();

  // -- what it reported
  bool ready = false;
  bool present = false;  ///< ROUTER: all its DEALERs are there
  bool paused = false;   ///< PUSH: no more is sent
  bool done = false;
  std::vector<std::string> endpoints;           ///< of its bound sockets
  std::uint64_t progress = 0;                   ///< messages so far
  std::map<std::uint32_t, std::int64_t> marks;  ///< stream -> last window
  std::map<std::string, std::uint64_t> counts;
  std::vector<std::uint32_t> round_trips;  ///< microseconds
  std::vector<std::string> findings;       ///< what was wrong

  [[nodiscard]] std::uint64_t counted(const std::string& what) const;

 private:
  void take(std::string_view line);
  static bool read_into(std::string& buffer, int fd);

  std::string name_;
  process process_;
  std::string pending_;    // of an unfinished line
  std::string complaint_;  // what it wrote to standard error
  bool ended_ = false;
};

}  // namespace tool::demo
