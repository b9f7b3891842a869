#pragma once

#include "tests/simulation/chance.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>

namespace monocoque::simulation {

class world;
struct node;

/// What a call on a simulated socket answers: as the system's, a size or an errno value.
struct answer {
  int error = 0;
  std::size_t size = 0;
};

/// One TCP connection between two hosts: bytes each way that take their time, arrive in pieces of any size,
/// and may stop to arrive. An end is told of a loss when the news reaches it; what it wrote meanwhile went
/// nowhere. Behaves as Linux does: what had arrived before a reset can still be read; closing with bytes
/// unread resets the connection and drops what had not left yet.
///
/// Held by the nodes at its ends, which say so when they close, and by the world's events about it.
class wire : public std::enable_shared_from_this<wire> {
 public:
  /// End 0 is who connected.
  wire(world& in, node& connecting, node& accepting, std::uint64_t number);

  [[nodiscard]] bool readable(std::size_t end) const noexcept;
  [[nodiscard]] bool writable(std::size_t end) const noexcept;
  /// EAGAIN if there is nothing to read, or no room. An error is told once, to whoever calls first.
  [[nodiscard]] answer read(std::size_t end, std::span<std::byte> into);
  [[nodiscard]] answer write(std::size_t end, std::span<const iovec> parts);
  /// Of what was written at `end`, what has not arrived at the other system.
  [[nodiscard]] std::size_t unacknowledged(std::size_t end) const noexcept;
  void shutdown(std::size_t end);
  /// Closing resets the connection.
  void abandon(std::size_t end) noexcept { sides_[end].resets = true; }
  void close(std::size_t end);
  /// The connection has been lost; each end is told `error` when it gets to know.
  void lose(int error);
  [[nodiscard]] bool is_lost() const noexcept { return lost_; }
  /// Draws what is to befall it.
  void meet_fate();
  /// Nothing arrives, either way, until then.
  void interrupt(time_point until);
  /// The machine at `end` is off, and is on again at `until`, when it knows nothing of this connection.
  void lose_machine(std::size_t end, time_point until);
  /// Nothing can be read or written any more: what a process that is gone has in its place.
  void sever() noexcept {
    lost_ = true;
    sides_ = {side{.dead = true}, side{.dead = true}};
  }

 private:
  struct piece {
    time_point arrives;
    std::string bytes;
  };
  /// One direction, named after the end that writes.
  struct way {
    std::deque<piece> flying;
    std::string arrived;
    std::size_t taken = 0;  // of `arrived`
    std::size_t held = 0;   // flying and arrived
    std::uint64_t written = 0;
    std::uint64_t read = 0;
    std::uint64_t breaks_at = UINT64_MAX;  // so many bytes
    time_point last_arrival{};
    time_point blocked_until{};
    bool fin_sent = false;
    bool fin_arrived = false;
  };
  struct side {
    node* owner = nullptr;
    int error = 0;
    bool dead = false;  // an error was told: nothing comes any more
    bool resets = false;
  };

  void launch(std::size_t end, std::string bytes);
  void land(std::size_t end);
  static void drop_behind(way& out, std::size_t leaves);
  void block(std::size_t end, time_point until);
  void reset_at(std::size_t end, time_point when);
  void tell(std::size_t end, int error);
  void over();
  void expect_notice(std::size_t end, unsigned patience);
  void be_noticed_at_last();
  [[nodiscard]] nanoseconds latency();

  world& world_;
  const std::uint64_t number_;
  std::array<way, 2> ways_;
  std::array<side, 2> sides_;
  std::array<class host*, 2> hosts_;
  bool lost_ = false;
};

}  // namespace monocoque::simulation
