#pragma once

#include <monocoque/monitor.hpp>
#include <monocoque/socket.hpp>

#include <string>
#include <thread>
#include <vector>

namespace tool {

/// `-v`: prints the connection events of sockets on standard error, each socket on a thread of its own.
/// Sockets must be closed before this is destroyed: that is what ends the threads.
class event_printer {
 public:
  event_printer() = default;
  ~event_printer();
  event_printer(const event_printer&) = delete;
  event_printer& operator=(const event_printer&) = delete;

  /// From now on; `name` goes in front of each line unless it is empty.
  void follow(monocoque::socket& socket, std::string name = {});

 private:
  std::vector<std::thread> threads_;
};

}  // namespace tool
