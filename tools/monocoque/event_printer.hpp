#pragma once

#include <monocoque/monitor.hpp>
#include <monocoque/socket.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tool {

/// Follows the connection events of sockets, each socket on a thread of its own: prints them on standard
/// error (`-v`) and remembers what went wrong last.
/// Sockets must be closed before this is destroyed: that is what ends the threads.
class event_printer {
 public:
  event_printer() = default;
  ~event_printer();
  event_printer(const event_printer&) = delete;
  event_printer& operator=(const event_printer&) = delete;

  using handler = std::function<void(const monocoque::event&)>;

  /// From now on; `name` goes in front of each line unless it is empty. `also` gets each event, on the
  /// socket's thread.
  void follow(monocoque::socket& socket, std::string name, bool print = true, handler also = {});
  /// Waits until all events of the sockets, which are closed, were seen.
  void finish();
  /// The last failure to connect or to agree with a peer, in words; empty if there was none, or if a
  /// handshake was done since.
  [[nodiscard]] std::string last_trouble() const;

 private:
  void remember(const monocoque::event& happened);

  mutable std::mutex mutex_;
  std::string last_trouble_;
  std::vector<std::thread> threads_;
};

}  // namespace tool
