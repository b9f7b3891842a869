#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace monocoque::test {

/// What a bad_wire does to each packet of IP, either way.
struct conditions {
  double loss = 0;                      ///< so many of all vanish: 0.2 is one in five
  std::chrono::milliseconds delay{0};   ///< on the way
  std::chrono::milliseconds jitter{0};  ///< up to so much later
  bool keeps_order = true;              ///< a packet never overtakes another
  std::uint64_t bytes_per_second = 0;   ///< 0: no limit
};

/// Which packets arrive at all.
enum class carries { all, nothing, to_first, to_second };

/// What lies between two hosts: moves their packets on a thread of its own, which ends with it. Chance comes
/// from `seed`. A direction holds at most a thousand packets, and loses what is too much.
class bad_wire {
 public:
  /// The hosts' ends (host::wire), which must outlive it.
  bad_wire(int first, int second, std::uint32_t seed);
  ~bad_wire();
  bad_wire(const bad_wire&) = delete;
  bad_wire& operator=(const bad_wire&) = delete;

  void set(const conditions& now);
  /// What is on its way where nothing arrives any more is lost, too.
  void carry(carries what);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace monocoque::test
