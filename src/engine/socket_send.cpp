#include "engine/context_core.hpp"
#include "engine/datagram_end.hpp"
#include "engine/link.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/send_code.hpp"
#include "engine/send_limits.hpp"
#include "engine/single_frames.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

namespace monocoque::engine {
namespace {

/// A threaded context looks at the clock after so many messages to many peers, so that a slow stream of them
/// is not taken for a burst.
constexpr std::uint64_t longest_threaded_run = 32;

inline void encode_into(out_queue& out, std::span<const bytes> frames) {
  if (frames.size() != 1 || !out.append_small(frames.front())) out.append({}, frames);
}

inline void encode_into(out_queue& out, std::span<const std::byte> payload) { out.append(payload); }

}  // namespace

errc socket_core::why_unusable() const noexcept {
  if (foreign_) return errc::forked;
  return terminated_ && !closed_by_application_ ? errc::terminated : errc::closed;
}

/// The short cuts would pass on unseen what the pattern refuses: several frames.
template <class Content>
bool socket_core::would_refuse(const Content& what) const noexcept {
  return single_frames_ && has_several(what) && pattern_->sole_target().valid();
}

attempt_code socket_core::try_send(message& what, waiter* joining) {
  monitor_mutex::for_traffic lock(mutex_);
  open_lanes& lanes = mutex_.lanes();
  if (!lanes.for_engine().out.put(what)) {
    if (needs_detour_) {
      if (would_refuse(what)) return errc::invalid_argument;
      if (speaks_inproc_) {
        lock.pass_on();
        return try_send_inproc(what, joining);
      }
    }
    lanes.shut_out();
    if (!usable()) return why_unusable();
    pipe* const target = find(pattern_->sole_target());
    if (target != nullptr) {
      lanes.to_all().hand_over();
      send_time when;
      append(*target, {}, what.frames(), when);
      open_way_out(*target, when);
    } else {
      const attempt_code sent = after_attempt(send_now(what.frames()), joining);
      if (sent != succeeded) return sent;
    }
  }
  what.clear();
  return succeeded;
}

attempt_code socket_core::try_send(std::span<const std::byte> payload, waiter* joining) {
  return send_from_memory(payload, joining);
}

attempt_code socket_core::try_send(std::span<const frame_view> frames, waiter* joining) {
  if (frames.empty()) return try_send(std::span<const std::byte>(), joining);
  return send_from_memory(frames, joining);
}

template <class Payload>
attempt_code socket_core::send_from_memory(Payload what, waiter* joining) {
  monitor_mutex::for_traffic lock(mutex_);
  open_lanes& lanes = mutex_.lanes();
  if (lanes.for_engine().out.put(what)) return succeeded;
  if (needs_detour_) {
    if (would_refuse(what)) return errc::invalid_argument;
    if (speaks_inproc_) {
      lock.pass_on();
      return try_send_inproc(what, joining);
    }
  }
  lanes.shut_out();
  if (!usable()) return why_unusable();
  if (pipe* const target = find(pattern_->sole_target())) {
    lanes.to_all().hand_over();
    send_time when;
    append(*target, what, when);
    open_way_out(*target, when);
    return succeeded;
  }
  return after_attempt(send_now(what), joining);
}

bool socket_core::try_send_in_place(std::size_t size, const detail::payload_writer& fill) {
  monitor_mutex::for_traffic lock(mutex_);
  open_lanes& lanes = mutex_.lanes();
  if (lanes.for_engine().out.put_in_place(size, fill)) return true;
  if (speaks_inproc_) {
    lock.pass_on();
    return try_send_in_place_inproc(size, fill);
  }
  lanes.shut_out();
  if (!usable() || limits_.conflates) return false;
  pipe* const target = find(pattern_->sole_target());
  if (target == nullptr) return false;
  lanes.to_all().hand_over();
  if (!target->out.append_in_place(size, fill)) return false;
  send_time when;
  after_append(*target, when);
  open_way_out(*target, when);
  return true;
}

/// Where no lane is open the caller makes a message of them: to send that opens one, if anything does.
bool socket_core::try_send_in_place(std::span<const std::size_t> sizes, const detail::frames_writer& fill) {
  const monitor_mutex::for_traffic lock(mutex_);
  return mutex_.lanes().for_engine().out.put_in_place(sizes, fill);
}

attempt_code socket_core::after_attempt(attempt_code sent, waiter* joining) {
  if (sent == succeeded) {
    // A REP's reply makes it readable, and the like.
    if (!receivers_.empty() && pattern_->can_receive()) notify(direction::receive);
  } else if (joining != nullptr && sent == errc::would_block) {
    senders_.add(*joining);
  }
  return sent;
}

inline void socket_core::after_append(pipe& target, send_time& when) {
  if (target.link != nullptr) {
    target.link->on_queued(when);
  } else if (target.datagrams != nullptr) {
    target.datagrams->on_queued();
  }
  send_limits limits(*this);
  limits.count(target);
  if (limits.reached_by(target)) limits.on_reached(target, when);
}

/// The next messages need nothing but to be encoded behind the last: what was queued goes out in any case,
/// and neither the high-water mark nor the size of a write is near.
void socket_core::open_way_out(pipe& target, send_time& when) {
  if (target.full || limits_.conflates) return;
  if (inline_ && target.link != nullptr && target.link->is_congested()) return;
  const std::size_t room = target.link != nullptr ? target.link->silent_room(when) : SIZE_MAX;
  const send_limits limits(*this);
  const std::uint64_t more = limits.messages_before(target);
  if (more == 0) return;
  mutex_.lanes().open_out(target, more, std::min(room, limits.bytes_before(target)));
}

attempt_code socket_core::send_now(std::span<const bytes> frames) {
  if (!pattern_->routes_by_topic()) mutex_.lanes().shut();  // else a fan-out may go on
  return carry_out(pattern_->route(frames), frames);
}

attempt_code socket_core::send_now(std::span<const std::byte> payload) {
  if (pattern_->routes_by_topic()) return carry_out(pattern_->route_by_topic(payload), payload);
  const message copy(payload);
  return send_now(copy.frames());
}

attempt_code socket_core::send_now(std::span<const frame_view> frames) {
  const message copy = message::of(frames);
  return send_now(copy.frames());
}

template <class Content>
attempt_code socket_core::carry_out(const pattern::send_verdict& verdict, const Content& what) {
  using enum pattern::send_kind;
  switch (verdict.kind) {
    case pass: pass_on_or_take_back(verdict, what); return succeeded;
    case subscription: tell_subscription(verdict); return succeeded;
    case disconnect: part_from(verdict.to.front()); return succeeded;
    case drop: count_refused(verdict); return succeeded;
    case consumed: return succeeded;
    case would_block: {
      if (!limits_.never_waits) return errc::would_block;
      count_drops(drop_reason::full, 1);
      return succeeded;
    }
    default: return code_of(verdict.kind);
  }
}

template <class Content>
void socket_core::pass_on_or_take_back(const pattern::send_verdict& verdict, const Content& what) {
  try {
    pass_on(verdict, what);
  } catch (...) {
    pattern_->take_back();
    throw;
  }
}

template <class Content>
void socket_core::pass_on(const pattern::send_verdict& verdict, const Content& what) {
  if (verdict.selection != 0 && !limits_.conflates) return pass_to_selection(verdict, what);
  if (verdict.dropped != 0) count_refused(verdict);
  if (pattern_->routes_by_topic() && verdict.to.size() == 1 && !limits_.conflates)
    return pass_to_one(verdict.to.front(), what);
  mutex_.lanes().to_all().hand_over();
  if (verdict.discard_waiting) discard_waiting();
  const bool to_several = verdict.to.size() > 1;
  for (const base::peer_id id : verdict.to) {
    pipe* const target = find(id);
    if (target == nullptr) continue;
    if (to_several) {
      append_or_drop(*target, [&] { append_as(verdict, *target, what); });
    } else {
      append_as(verdict, *target, what);
    }
  }
}

/// To one of several, who have it or get it all the same.
template <class Append>
void socket_core::append_or_drop(pipe& target, Append append_to_it) noexcept {
  try {
    append_to_it();
  } catch (const std::bad_alloc&) {
    count_drops(drop_reason::no_memory, 1, &target);
  }
}

/// To one subscriber, and the next message probably to another.
template <class Content>
void socket_core::pass_to_one(base::peer_id id, const Content& what) {
  fan_out& all = mutex_.lanes().to_all();
  all.hand_over();
  pipe* const target = find(id);
  if (target == nullptr) return;
  if (target->inproc) return append_inproc(*target, what);
  encode_into(target->out, what);
  send_time when(all.last_round());
  after_append(*target, when);
  if (inline_) return;
  if (when.written()) all.last_round().note(when.now(), send_time::clock::now());
  if (target->link != nullptr) target->link->loop().note_progress();
}

/// Encoded once for all of them.
template <class Content>
void socket_core::pass_to_selection(const pattern::send_verdict& verdict, const Content& what) {
  open_lanes& lanes = mutex_.lanes();
  fan_out& all = lanes.to_all();
  if (all.continues(verdict.selection)) {
    all.append(what);
  } else {
    all.hand_over();
    try {
      aim(all, verdict);
    } catch (...) {
      all.turn_to(0);  // which is nobody's
      throw;
    }
    if (!all.targets().empty()) {
      all.append(what);
      look_after(all);
    }
  }
  if (all.targets().empty()) count_refused(verdict);  // else it counts them
  for (pipe* const each : all.inproc()) append_or_drop(*each, [&] { append_inproc(*each, what); });
  if (verdict.for_any_message && all.inproc().empty() && !all.targets().empty()) lanes.open_out(all);
}

void socket_core::aim(fan_out& all, const pattern::send_verdict& verdict) {
  if (all.is_for(verdict.selection)) return;
  all.turn_to(verdict.selection);
  for (const base::peer_id id : verdict.to) {
    pipe* const target = find(id);
    if (target == nullptr) continue;
    if (target->inproc) {
      all.add_inproc(*target);
    } else {
      all.add(*target);
    }
  }
  for (const base::peer_id id : verdict.full) {
    if (pipe* const target = find(id)) all.add_full(*target);
  }
}

/// Does for each of them what its queue and its link need, and finds out how many more messages will need
/// nothing: as `after_append` and `open_way_out`, for many.
void socket_core::look_after(fan_out& all) {
  all.hand_over();
  report_fan_drops();
  send_time when(all.last_round());
  if (!inline_) static_cast<void>(when.now());  // what is written is timed
  std::uint64_t messages = inline_ ? UINT64_MAX : longest_threaded_run;
  std::size_t room = SIZE_MAX;
  const send_limits limits(*this);
  for (pipe* const each : all.targets()) {
    after_append(*each, when);
    messages = std::min(messages, each->full ? 0 : limits.messages_before(*each));
    room = std::min(room, limits.bytes_before(*each));
    if (each->link != nullptr) room = std::min(room, each->link->silent_room(when));
  }
  all.set_budget(messages, room);
  if (!inline_) note_round(all, when);
}

/// The sender sees to what it queues, as long as it comes back.
void socket_core::note_round(fan_out& all, send_time& when) {
  if (when.written()) all.last_round().note(when.now(), send_time::clock::now());
  const io::loop* last = nullptr;
  for (const pipe* const each : all.targets()) {
    if (each->link == nullptr || &each->link->loop() == last) continue;
    last = &each->link->loop();
    each->link->loop().note_progress();
  }
}

void socket_core::append_as(const pattern::send_verdict& verdict, pipe& target,
                            std::span<const bytes> frames) {
  send_time when;
  append(target, verdict.prefix, frames.subspan(verdict.skip), when);
}

void socket_core::append_as(const pattern::send_verdict&, pipe& target, std::span<const std::byte> payload) {
  send_time when;
  append(target, payload, when);
}

void socket_core::append(pipe& target, std::span<const std::byte> prefix, std::span<const bytes> frames,
                         send_time& when) {
  if (target.inproc) return append_inproc(target, prefix, frames);
  if (target.link != nullptr && target.link->takes_answer(prefix, frames)) {
    if (!target.link->write_answer(prefix, frames)) after_append(target, when);
    return;
  }
  if (limits_.conflates) replace_unsent(target);
  if (prefix.empty()) {
    encode_into(target.out, frames);
  } else {
    target.out.append(prefix, frames);
  }
  after_append(target, when);
}

void socket_core::append(pipe& target, std::span<const frame_view> frames, send_time& when) {
  if (limits_.conflates) replace_unsent(target);
  target.out.append(frames);
  after_append(target, when);
}

void socket_core::append(pipe& target, std::span<const std::byte> payload, send_time& when) {
  if (limits_.conflates) replace_unsent(target);
  target.out.append(payload);
  after_append(target, when);
}

void socket_core::replace_unsent(pipe& target) {
  count_drops(drop_reason::replaced, target.out.drop_unsent(target.write_pending), &target);
}

/// Everything that was received and not taken is dropped: old replies must not be taken for the next
/// request's.
void socket_core::discard_waiting() noexcept {
  for (std::size_t slot = 0; slot < peers_.size(); ++slot) {
    const std::shared_ptr<pipe> each = peers_[slot];
    if (each && each->inproc) discard_inproc(*each);
    if (!each || each->in.empty()) continue;
    count_drops(drop_reason::unexpected, each->in.messages(), each.get());
    while (!each->in.empty()) each->in.pop(each->in.front().size());
    after_take(*each);
  }
}

void socket_core::after_write(pipe& target) noexcept {
  if (target.out.empty()) mutex_.lanes().to_all().tidy();
  note_progress(target);
  report_fan_drops();
  send_limits(*this).after_write(target);
}

}  // namespace monocoque::engine
