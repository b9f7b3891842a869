#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <mutex>
#include <utility>

namespace monocoque::engine {

namespace wire = base::wire;

namespace {

/// A whole frame in so few bytes is an empty one.
constexpr std::size_t empty_frame_size = 2;

/// What the application is to see of a received message of which the pattern has passed so many frames.
void cut_passed(message& received, bool delimited, std::size_t passed) {
  if (delimited && passed == 0) received.push_front(bytes());
  if (delimited && passed > 0) --passed;
  for (; passed > 0; --passed) static_cast<void>(received.pop_front());
}

}  // namespace

void socket_core::owe_call(const inproc_end& caller) {
  inproc_calls::owe(caller);
  owes_calls_ = true;
}

/// With the monitor held, which is let go of: gives the only target, if it is an inproc one, what `push` puts
/// into its queue, and else does `otherwise`.
template <class Push, class Otherwise>
attempt_code socket_core::send_inproc(Push push, Otherwise otherwise) {
  bool owes = false;
  {
    const monitor_mutex::for_traffic lock(mutex_, std::adopt_lock);
    mutex_.lanes().shut_out();
    if (!usable()) return why_unusable();
    pipe* const target = find(pattern_->sole_target());
    if (target != nullptr && target->inproc) {
      mutex_.lanes().shut();
      after_hand_over(*target, push(target->inproc->out));
    } else if (const attempt_code sent = otherwise(); sent != succeeded) {
      return sent;
    }
    owes = std::exchange(owes_calls_, false);
  }
  if (owes) inproc_calls::make();
  return succeeded;
}

attempt_code socket_core::try_send_inproc(message& what, waiter* joining) {
  return send_inproc([&](inproc_queue& out) { return out.push(inproc_kind::plain, std::move(what)); },
                     [&] {
                       const attempt_code sent = after_attempt(send_now(what.frames()), joining);
                       if (sent == succeeded) what.clear();
                       return sent;
                     });
}

attempt_code socket_core::try_send_inproc(std::span<const std::byte> payload, waiter* joining) {
  return send_inproc([&](inproc_queue& out) { return out.push(payload); },
                     [&] {
                       const bytes frame = bytes::copy(payload);
                       return after_attempt(send_now(std::span(&frame, 1)), joining);
                     });
}

attempt_code socket_core::try_send_inproc(std::span<const frame_view> frames, waiter* joining) {
  monitor_mutex::for_traffic lock(mutex_, std::adopt_lock);
  message copy = message::of(frames);
  lock.pass_on();
  return try_send_inproc(copy, joining);
}

bool socket_core::try_send_in_place_inproc(std::size_t size, const detail::payload_writer& fill) {
  return send_inproc([&](inproc_queue& out) { return out.push(size, fill); },
                     [] { return attempt_code(errc::would_block); }) == succeeded;
}

void socket_core::after_hand_over(pipe& target, bool tell) {
  inproc_queue& out = target.inproc->out;
  if (tell) owe_call(*target.inproc);
  count_drops(drop_reason::replaced, out.take_replaced(), &target);
  if (!out.full()) return;
  target.full = true;
  pattern_->set_writable(target.id, false);
  report_high_water(event_kind::high_water_reached, target, true);
}

/// The general case: to this peer among others, or with frames of the pattern's in front.
void socket_core::append_inproc(pipe& target, std::span<const std::byte> prefix,
                                std::span<const bytes> frames) {
  const bool delimited = prefix.size() == empty_frame_size;
  message made;
  bool empty = true;
  const auto add = [&](const bytes& frame) {
    if (std::exchange(empty, false)) {
      made.only_frame() = frame;
    } else {
      made.push_back(frame);
    }
  };
  while (!delimited && !prefix.empty()) add(bytes::copy(wire::next_frame(prefix).payload));
  for (const bytes& frame : frames) add(frame);
  const inproc_kind kind = delimited ? inproc_kind::delimited : inproc_kind::plain;
  after_hand_over(target, target.inproc->out.push(kind, std::move(made)));
}

void socket_core::append_inproc(pipe& target, std::span<const std::byte> payload) {
  const bytes frame = bytes::copy(payload);
  append_inproc(target, {}, std::span(&frame, 1));
}

attempt_code socket_core::try_receive_inproc(message& into, waiter* joining) {
  attempt_code received = errc::would_block;
  bool owes = false;
  {
    const monitor_mutex::for_traffic lock(mutex_, std::adopt_lock);
    mutex_.lanes().shut();
    if (!usable()) return why_unusable();
    pipe* const source = find(pattern_->sole_source());
    const bool taken = source != nullptr && source->inproc && take_inproc(*source, into);
    received = taken ? succeeded : receive_now(into);
    if (received == succeeded) {
      // A REQ's reply makes it writable, and the like.
      if (!senders_.empty() && pattern_->can_send()) notify(direction::send);
    } else if (joining != nullptr && received == errc::would_block) {
      receivers_.add(*joining);
    }
    owes = std::exchange(owes_calls_, false);
  }
  if (owes) inproc_calls::make();
  return received;
}

/// False if there was nothing, or if it was not for the application. The source may be gone afterwards.
bool socket_core::take_inproc(pipe& source, message& into) {
  if (!look_for_arrivals(source)) return false;
  inproc_end& end = *source.inproc;
  if (end.conflates) count_drops(drop_reason::replaced, end.in.drop_older(), &source);
  inproc_entry& next = *end.front();
  const bool delimited = next.kind == inproc_kind::delimited;
  if (source.id == pattern_->sole_source()) {
    into = std::move(next.what);
    if (delimited) into.push_front(bytes());
    if (const bytes* const id = pattern_->sole_source_id()) into.push_front(*id);
  } else {
    pattern::frame_cursor cursor(delimited, next.what);
    const pattern::receive_verdict verdict = pattern_->admit(source.id, cursor);
    if (verdict.kind != pattern::receive_kind::deliver) {
      note_turned_away(source, verdict.kind);
      pop_inproc(source);
      return false;
    }
    into = std::move(next.what);
    cut_passed(into, delimited, cursor.passed());
    if (verdict.prepend != nullptr) into.push_front(*verdict.prepend);
  }
  into.set_peer(source.sender);
  pop_inproc(source);
  return true;
}

/// A source that is empty now counts as readable until somebody looks: mostly the next message is there then,
/// and nobody has had to call anybody.
void socket_core::pop_inproc(pipe& source) {
  if (source.inproc->pop()) owe_call(*source.inproc);
  if (source.leaving && source.inproc->front() == nullptr) evict(peers_[source.id.slot].tenant);
}

/// True if there is something to take. If not, the source may be gone, or the other side will call.
bool socket_core::look_for_arrivals(pipe& source) {
  inproc_end& end = *source.inproc;
  if (end.front() != nullptr) return true;
  if (source.leaving) {
    evict(peers_[source.id.slot].tenant);
    return false;
  }
  if (!end.in.rest()) return true;
  if (end.in.sender_may_go_on()) owe_call(end);
  pattern_->set_readable(source.id, false);
  return false;
}

void socket_core::look_at_input(pipe& source) {
  if (pattern_->admits_on_arrival()) {
    admit_inproc_arrivals(source);
    notify(direction::receive);
    notify(direction::send);  // whoever a message waited for may not want it any more
  } else if (look_for_arrivals(source)) {
    pattern_->set_readable(source.id, true);
    notify(direction::receive);
  }
}

/// PUB, XPUB: what subscribers send goes to the pattern as it comes, as far as it has room. The source may be
/// gone afterwards.
void socket_core::admit_inproc_arrivals(pipe& source) {
  using enum inproc_kind;
  inproc_end& end = *source.inproc;
  for (;;) {
    source.reading_paused = !pattern_->has_room();
    if (source.reading_paused) return;
    inproc_entry* const next = end.front();
    if (next == nullptr) {
      if (look_for_arrivals(source)) continue;
      return;
    }
    if (next->kind == subscribe || next->kind == cancel) {
      ++end.subscriptions_in;
      pattern_->on_subscription(source.id, next->kind == subscribe, next->what.front());
    } else {
      pattern::frame_cursor cursor(next->kind == delimited, next->what);
      static_cast<void>(pattern_->admit(source.id, cursor));
    }
    if (end.pop()) owe_call(end);
  }
}

void socket_core::discard_inproc(pipe& source) {
  while (source.inproc->front() != nullptr) {
    count_drops(drop_reason::unexpected, 1, &source);
    if (source.inproc->pop()) owe_call(*source.inproc);
  }
  static_cast<void>(look_for_arrivals(source));
}

/// Makes the pattern know better of sources that are empty and count as readable.
void socket_core::settle_sources() {
  for (;;) {
    pipe* const next = find(pattern_->next_source());
    if (next == nullptr || !next->inproc || look_for_arrivals(*next)) return;
  }
}

}  // namespace monocoque::engine
