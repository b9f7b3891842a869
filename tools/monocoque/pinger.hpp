#pragma once

#include <monocoque/socket_type.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace tool {

/// A ZMTP 3.1 connection of its own, without a socket behind it, that sends PINGs one at a time and waits for
/// their PONGs (RFC 37, "Heartbeats"): what goes there and back is timed where it is written and read. Passes
/// over messages, answers the peer's PINGs. One thread. Holds as much of a frame as a command may have.
class pinger {
 public:
  using clock = std::chrono::steady_clock;

  /// Connects and shakes hands as `type` (NULL mechanism). `address`: of the peer, "tcp://127.0.0.1:5555",
  /// "tcp://[::1]:5555", "ipc:///path" or "ipc://@name". Throws gave_up at the deadline, std::runtime_error.
  pinger(const std::string& address, monocoque::socket_type type, clock::time_point deadline,
         std::stop_token stop);
  ~pinger();
  pinger(const pinger&) = delete;
  pinger& operator=(const pinger&) = delete;

  /// How long a PING took there and back; none: stopped. Throws as the constructor.
  std::optional<std::chrono::nanoseconds> ping(clock::time_point deadline);
  /// Answers what the peer asks meanwhile; false: stopped. Throws as the constructor.
  bool idle_until(clock::time_point when);

 private:
  struct frame {
    bool command = false;
    std::string body{};  // of a command
  };

  void shake_hands(monocoque::socket_type type);
  [[nodiscard]] frame next_frame();
  void send(std::string_view data);
  void send_command(std::string_view name, std::string_view data);
  void read(std::span<char> into);
  void react_to(const frame& what);
  void wait_for(short events);
  [[nodiscard]] bool is_ready(short events, clock::time_point until);

  int fd_ = -1;
  int wake_ = -1;  // eventfd: stopped
  clock::time_point deadline_;
  const std::stop_token stop_;
  std::uint64_t number_ = 0;
};

}  // namespace tool
