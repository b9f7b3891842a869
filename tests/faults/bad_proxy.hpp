#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace monocoque::test {

/// What a bad_proxy does to the connections that go through it, drawn from `seed`.
struct mischief {
  std::uint32_t seed = 1;
  bool delays = true;    ///< pieces of any size, some of them held back for a few milliseconds
  bool cuts = false;     ///< connections end, in the middle of anything, as if the other side had closed
  bool resets = false;   ///< the same with a TCP reset, at times after a silence
  bool garbles = false;  ///< now and then a byte is another
  std::uint32_t mean_life = 40'000;  ///< bytes that go through a connection until something happens to it
};

/// A TCP proxy that is a bad network. Its thread ends with it.
class bad_proxy {
 public:
  /// Connections to endpoint() go on to `target` ("tcp://127.0.0.1:port").
  bad_proxy(const std::string& target, const mischief& what);
  ~bad_proxy();
  bad_proxy(const bad_proxy&) = delete;
  bad_proxy& operator=(const bad_proxy&) = delete;

  [[nodiscard]] std::string endpoint() const;
  /// How many connections it has ended, or altered, of its own accord.
  [[nodiscard]] std::uint64_t harm() const;
  /// From now on it is a good one, and what it has altered is cut off.
  void behave();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace monocoque::test
