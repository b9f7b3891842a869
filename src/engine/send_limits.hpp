#pragma once

#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <utility>

namespace monocoque::engine {

/// When the queues to a socket's peers are full, and what follows. Made for the moment, with the monitor
/// held; the state is the pipes' and the socket's.
class socket_core::send_limits {
 public:
  explicit send_limits(socket_core& of) noexcept : of_(of) {}

  [[nodiscard]] bool reached_by(const pipe& target) const noexcept {
    return target.out.messages() + gone_but_counted(target) >= target.mark ||
           target.out.unwritten_bytes() >= of_.limits_.send_bytes || of_.out_total_ >= of_.limits_.send_total;
  }
  /// So many more may be appended, and there is still one to go to the mark.
  [[nodiscard]] std::uint64_t messages_before(const pipe& target) const noexcept {
    const std::uint64_t there = target.out.messages() + gone_but_counted(target) + 1;
    return there < target.mark ? target.mark - there : 0;
  }
  [[nodiscard]] std::size_t bytes_before(const pipe& target) const noexcept {
    const std::size_t taken = target.out.unwritten_bytes();
    return taken < of_.limits_.send_bytes ? of_.limits_.send_bytes - taken : 0;
  }
  /// What went over a lane is counted the next time that anything else happens to the pipe.
  void count(pipe& target) noexcept {
    if (of_.limits_.send_total == SIZE_MAX) return;
    const std::size_t now = target.out.unwritten_bytes();
    of_.out_total_ += now - std::exchange(target.counted_out, now);
  }

  /// A message was appended, and a limit is reached.
  void on_reached(pipe& target, send_time& when) noexcept;
  /// Not writable until `reopen`.
  void become_full(pipe& target) noexcept;
  void reopen(pipe& target) noexcept;
  /// Something has left the queue: it may have room again.
  void after_write(pipe& target) noexcept;
  /// The same of all pipes together, which some are waiting for that have nothing to write.
  void note_total() noexcept;
  /// The calling thread is about to wait, or was refused: takes note of what has gone, and writes itself
  /// where that makes room.
  void make_room() noexcept;
  /// The limits are others than before.
  void look_again_at(pipe& target) noexcept;

 private:
  [[nodiscard]] std::uint64_t counted_by_halves(const pipe& target) const noexcept;
  [[nodiscard]] std::uint64_t gone_but_counted(const pipe& target) const noexcept {
    if (of_.limits_.notes_late) return target.counters.sent.messages - target.noted;
    return counted_by_halves(target);
  }
  void take_note(pipe& target) const noexcept;
  [[nodiscard]] bool learns_later(pipe& target, send_time& when) const noexcept;
  [[nodiscard]] bool under_half(const pipe& target) const noexcept;
  [[nodiscard]] bool has_room_again(const pipe& target) const noexcept;
  [[nodiscard]] bool make_room_by_dropping(pipe& target) noexcept;
  void on_full(pipe& target) noexcept;

  socket_core& of_;
};

}  // namespace monocoque::engine
