#pragma once

#include "socket_command.hpp"

#include <monocoque/error.hpp>
#include <monocoque/event.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace tool {

/// Notices when peers that a command connects to do not let it in. A denial, which no further attempt would
/// change, is said at once, and when no place is left to connect to the end is asked for. Security that does
/// not match may still be mended at the other side: it is said once, unless -t ends the waiting anyway. For
/// sockets with reconnect_stop.denied. Thread-safe.
class denials {
 public:
  denials(const socket_command& command, std::stop_source& end);

  void note(const monocoque::event& happened);
  /// Why there was no place left; none: that is not so.
  [[nodiscard]] std::optional<monocoque::error> reason() const;
  /// What the last failure of a handshake looks like, beyond what it says itself; empty: nothing.
  [[nodiscard]] std::string hint() const;

 private:
  void note_denial(const monocoque::event& happened);
  void note_failure(const monocoque::event& happened);

  const socket_command& command_;
  std::stop_source& end_;
  mutable std::mutex mutex_;  // guards what follows
  std::size_t places_left_;   // 0: their number does not matter, since we listen
  std::optional<monocoque::error> reason_;
  std::string hint_;
  std::set<std::string> told_;
};

}  // namespace tool
