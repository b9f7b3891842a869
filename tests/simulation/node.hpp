#pragma once

#include "io/operation.hpp"
#include "tests/simulation/wire.hpp"

#include <cstdint>
#include <deque>
#include <memory>

namespace monocoque::simulation {

class host;

/// One simulated socket: what a descriptor of a host stands for. Held by its host while it is open, and by
/// events about it. The operations are parked here while they wait.
struct node : std::enable_shared_from_this<node> {
  node(host& its_home, int number) noexcept : home(&its_home), fd(number) {}

  host* home;
  int fd;
  bool open = true;

  // -- listening
  std::uint16_t port = 0;  ///< not 0: it listens
  std::size_t backlog = 0;
  std::deque<std::shared_ptr<node>> waiting;  ///< connections nobody has accepted yet; no descriptors
  io::accept_operation* acceptor = nullptr;

  // -- connected
  std::shared_ptr<wire> line;
  std::uint64_t connection = 0;  ///< its number in the world
  std::size_t end = 0;
  std::uint32_t peer_address = 0;
  std::uint16_t peer_port = 0;
  io::connect_operation* connector = nullptr;
  io::read_operation* reader = nullptr;
  io::write_operation* writer = nullptr;

  /// Something may be possible now that was not before: its driver looks in a moment.
  void look_soon();
  /// Carries out what is possible.
  void look();
  [[nodiscard]] bool look_is_due() const noexcept { return look_due_; }

 private:
  bool look_due_ = false;
};

}  // namespace monocoque::simulation
