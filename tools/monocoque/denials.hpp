#pragma once

#include <monocoque/error.hpp>
#include <monocoque/event.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <stop_token>

namespace tool {

/// Notices when a peer does not let a socket in, which no further attempt would change: says so, and when no
/// place is left to connect to asks for the end. For sockets with reconnect_stop.denied. Thread-safe.
class denials {
 public:
  /// `connections`: how many must be denied; 0: never ends anything.
  denials(std::size_t connections, std::stop_source& end) : left_(connections), end_(end) {}

  void note(const monocoque::event& happened);
  /// Why there was no place left; none: that is not so.
  [[nodiscard]] std::optional<monocoque::error> reason() const;

 private:
  mutable std::mutex mutex_;
  std::size_t left_;
  std::optional<monocoque::error> reason_;
  std::stop_source& end_;
};

}  // namespace tool
