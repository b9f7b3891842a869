#include "engine/send_limits.hpp"

#include "engine/context_core.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace monocoque::engine {
namespace {

/// In libzmq a sender that is not held up looks only so often at what its peers have taken.
constexpr std::chrono::milliseconds noted_every{1};

/// Where a queue that is fuller than it may be now keeps what it has, and takes no more. Elsewhere the next
/// message makes room, or ends the connection.
bool waits_or_drops_the_next(full_policy when_full) noexcept {
  return when_full != full_policy::drop_oldest && when_full != full_policy::disconnect;
}

}  // namespace

void socket_core::send_limits::on_reached(pipe& target, send_time& when) noexcept {
  if (learns_later(target, when)) return become_full(target);
  // This thread writes what it can before anybody has to wait or to lose a message.
  if (target.link != nullptr && target.link->flush_now()) when.note_write();
  take_note(target);
  if (reached_by(target)) on_full(target);
}

/// As libzmq has it for those who would rather be refused than wait: within a moment no more are taken than
/// the mark, however many of them have gone meanwhile. What is left in the queue goes out with whoever writes
/// it, which makes room; if nothing is left, nobody would.
bool socket_core::send_limits::learns_later(pipe& target, send_time& when) const noexcept {
  if (!of_.limits_.notes_late || target.link == nullptr || target.out.empty()) return false;
  if (when.now() - target.noted_at < noted_every) return true;
  target.noted_at = when.now();
  return false;
}

void socket_core::send_limits::take_note(pipe& target) const noexcept {
  target.noted = target.counters.sent.messages - counted_by_halves(target);
}

/// In libzmq a message counts until its reader has told the writer that it has got half a mark's more. That
/// shows once the kernel takes no more: then as many go out as both sides' marks add up to, and not what the
/// kernel has taken besides.
std::uint64_t socket_core::send_limits::counted_by_halves(const pipe& target) const noexcept {
  const bool counts =
      of_.context_->behaves_as_libzmq() && target.link != nullptr && target.link->is_held_up();
  return counts ? target.sent_since_relief() : 0;
}

/// Drops its oldest messages; true if it is not full then.
bool socket_core::send_limits::make_room_by_dropping(pipe& target) noexcept {
  const queue_limits& limits = of_.limits_;
  // An eighth at a time, since what is being written lies before it.
  const std::uint64_t kept = limits.send_mark - std::max<std::uint64_t>(1, limits.send / 8);
  const std::size_t kept_bytes = limits.send_bytes - limits.send_bytes / 8;
  out_queue::shortened done{};
  try {
    done = target.out.drop_oldest(target.write_pending, kept, kept_bytes);
  } catch (const std::bad_alloc&) {
    return false;
  }
  of_.count_drops(drop_reason::full, done.dropped, &target);
  count(target);
  const std::uint64_t more = limits.send_mark - std::min(done.droppable, limits.send_mark - 1);
  target.mark = std::max(more, target.out.messages() + more);  // no less if there is no limit
  return !reached_by(target);
}

/// The queue of a peer is full, and nothing more can be written now.
void socket_core::send_limits::on_full(pipe& target) noexcept {
  if (of_.limits_.when_full == full_policy::drop_oldest) {
    if (make_room_by_dropping(target)) return;
  }
  of_.waits_for_total_ = of_.waits_for_total_ || of_.out_total_ >= of_.limits_.send_total;
  become_full(target);
  if (of_.limits_.when_full == full_policy::disconnect && target.link != nullptr)
    target.link->close_soon(errc::peer_too_slow);
}

void socket_core::send_limits::become_full(pipe& target) noexcept {
  target.full = true;
  target.full_size = target.out.unwritten_bytes();
  target.relieved_at = target.next_relief();
  of_.pattern_->set_writable(target.id, false);
  of_.report_high_water(event_kind::high_water_reached, target, true);
}

bool socket_core::send_limits::under_half(const pipe& target) const noexcept {
  const queue_limits& limits = of_.limits_;
  return target.out.messages() <= limits.send / 2 && target.out.unwritten_bytes() <= limits.send_bytes / 2 &&
         of_.out_total_ <= limits.send_total / 2;
}

/// While others wait for the total to be half free, nobody gets ahead of them.
bool socket_core::send_limits::has_room_again(const pipe& target) const noexcept {
  if (under_half(target)) return true;
  if (of_.waits_for_total_ || reached_by(target)) return false;
  return target.counters.sent.messages >= target.relieved_at ||
         target.out.unwritten_bytes() + pipe::relief(target.full_size) <= target.full_size;
}

void socket_core::send_limits::after_write(pipe& target) noexcept {
  const queue_limits& limits = of_.limits_;
  if (limits.when_full == full_policy::drop_oldest && target.out.messages() <= limits.send / 2)
    target.mark = limits.send_mark;
  count(target);
  if (target.full) {
    take_note(target);
    if (has_room_again(target)) reopen(target);
  }
  note_total();
}

void socket_core::send_limits::reopen(pipe& target) noexcept {
  target.full = false;
  take_note(target);
  of_.report_high_water(event_kind::high_water_left, target, true);
  if (target.sends_no_more) return;
  of_.pattern_->set_writable(target.id, true);
  of_.notify(direction::send);
}

void socket_core::send_limits::note_total() noexcept {
  if (!of_.waits_for_total_ || of_.out_total_ > of_.limits_.send_total / 2) return;
  of_.waits_for_total_ = false;
  for (const pipe_table::place& each : of_.peers_) {
    pipe* const one = each.tenant.get();
    if (one == nullptr || !one->full || one->leaving || one->inproc) continue;
    if (under_half(*one)) reopen(*one);
  }
}

void socket_core::send_limits::make_room() noexcept {
  for (const pipe_table::place& each : of_.peers_) {
    pipe* const one = each.tenant.get();
    if (one == nullptr || !one->full || one->leaving || one->link == nullptr) continue;
    if (!under_half(*one)) one->link->flush_now();  // after which it may have room
    if (!one->full) continue;
    take_note(*one);
    // What is held up is counted by halves, so that it does not become full and have room again all the time.
    const bool has_room = one->link->is_held_up() && !of_.waits_for_total_ && !reached_by(*one);
    if (under_half(*one) || has_room) reopen(*one);
  }
}

void socket_core::send_limits::look_again_at(pipe& target) noexcept {
  take_note(target);
  if (!reached_by(target)) {
    if (target.full) reopen(target);
  } else if (!target.full && waits_or_drops_the_next(of_.limits_.when_full)) {
    become_full(target);
  }
}

}  // namespace monocoque::engine
