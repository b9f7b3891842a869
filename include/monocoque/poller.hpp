#pragma once

#include <monocoque/socket.hpp>
#include <monocoque/task.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// What to wait for, or what is ready. A set of flags.
enum class readiness : std::uint8_t { none = 0, readable = 1, writable = 2, failed = 4 };
[[nodiscard]] constexpr readiness operator|(readiness left, readiness right) noexcept {
  return static_cast<readiness>(static_cast<std::uint8_t>(left) | static_cast<std::uint8_t>(right));
}
[[nodiscard]] constexpr bool has(readiness set, readiness flag) noexcept {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(flag)) != 0;
}

/// Waits until one of several sockets or plain descriptors is ready. Level-triggered, like poll(2). All
/// sockets must belong to one context. Not thread-safe itself; one thread (or one coroutine) uses it at a
/// time. A socket must be removed before it is destroyed.
class poller {
 public:
  /// One thing that is ready.
  struct item {
    const socket* ready_socket = nullptr;  ///< null for a descriptor
    int fd = -1;                           ///< -1 for a socket
    readiness ready = readiness::none;
  };

  explicit poller(context& owner);
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Adds it, or changes what is waited for. Throws on a socket of another context, and on a descriptor that
  /// is none.
  void set(const socket& watched, readiness wanted);
  void set(int fd, readiness wanted);
  /// Nothing if it is not there.
  void remove(const socket& watched);
  void remove(int fd);

  /// What is ready now, waiting at most `timeout` for something (0: not at all). Empty at the deadline.
  /// Throws on errc::cancelled, and errc::closed or errc::terminated if a socket is over.
  [[nodiscard]] std::vector<item> wait(std::chrono::milliseconds timeout = infinite,
                                       std::stop_token stop = {});
  /// The same for coroutines on this context's loop. Not while another wait is under way (errc::wrong_state).
  [[nodiscard]] task<std::vector<item>> async_wait(std::chrono::milliseconds timeout = infinite);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace monocoque

#pragma GCC visibility pop
