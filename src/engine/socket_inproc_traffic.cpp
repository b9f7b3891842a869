#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/send_limits.hpp"
#include "engine/socket_core.hpp"

#include <mutex>
#include <utility>

namespace monocoque::engine {

namespace wire = base::wire;

namespace {

/// A whole frame in so few bytes is an empty one.
constexpr std::size_t empty_frame_size = 2;

bool is_subscription(const inproc_entry& entry) noexcept {
  return entry.kind == inproc_kind::subscribe || entry.kind == inproc_kind::cancel;
}

/// The delimiter becomes a frame like others.
void store_delimiter(inproc_entry& received) {
  if (received.kind != inproc_kind::delimited) return;
  received.what.push_front(bytes());
  received.kind = inproc_kind::plain;
}

/// Makes of it what the application is to see when the pattern has passed so many frames. What throws has
/// changed nothing that matters.
void cut_passed(inproc_entry& received, std::size_t passed, const bytes* in_front) {
  if (passed == 0) {
    store_delimiter(received);
  } else if (received.kind == inproc_kind::delimited) {
    --passed;
  }
  if (in_front != nullptr) received.what.push_front(*in_front);
  for (; passed > 0; --passed) static_cast<void>(received.what.pop_front());
}

}  // namespace

void socket_core::owe_call(const inproc_end& caller) noexcept {
  inproc_calls::owe(caller);
  owes_calls_ = true;
}

/// With the monitor held, which is let go of: gives the only target, if it is an inproc one, what `push` puts
/// into its queue, and else does `otherwise`.
template <class Push, class Otherwise>
attempt_code socket_core::send_inproc(Push push, Otherwise otherwise) {
  const hold lock(mutex_, owes_calls_, std::adopt_lock);
  mutex_.lanes().shut_out();
  if (!usable()) return why_unusable();
  pipe* const target = find(pattern_->sole_target());
  if (target == nullptr || !target->inproc) return otherwise();
  mutex_.lanes().shut();
  after_hand_over(*target, push(target->inproc->out));
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

void socket_core::after_hand_over(pipe& target, bool tell) noexcept {
  inproc_queue& out = target.inproc->out;
  if (tell) owe_call(*target.inproc);
  count_drops(drop_reason::replaced, out.take_replaced(), &target);
  if (out.full()) send_limits(*this).become_full(target);
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
  const hold lock(mutex_, owes_calls_, std::adopt_lock);
  mutex_.lanes().shut();
  if (!usable()) return why_unusable();
  pipe* const source = find(pattern_->sole_source());
  const bool taken = source != nullptr && source->inproc && take_inproc(*source, into);
  const attempt_code received = taken ? succeeded : receive_now(into);
  if (received == succeeded) {
    // A REQ's reply makes it writable, and the like.
    if (!senders_.empty() && pattern_->can_send()) notify(direction::send);
  } else if (joining != nullptr && received == errc::would_block) {
    receivers_.add(*joining);
  }
  return received;
}

/// False if there was nothing, or if it was not for the application. The source may be gone afterwards.
bool socket_core::take_inproc(pipe& source, message& into) {
  if (!look_for_arrivals(source)) return false;
  inproc_end& end = *source.inproc;
  if (end.conflates) count_drops(drop_reason::replaced, end.in.drop_older(), &source);
  inproc_entry& next = *end.front();
  if (is_subscription(next)) {  // of a peer that this type has no use for
    pop_inproc(source);
    return false;
  }
  if (source.id == pattern_->sole_source()) {
    store_delimiter(next);
    if (const bytes* const id = pattern_->sole_source_id()) next.what.push_front(*id);
    into = std::move(next.what);
  } else {
    pattern::frame_cursor cursor(next.kind == inproc_kind::delimited, next.what);
    const pattern::receive_verdict verdict = pattern_->admit(source.id, cursor);
    if (verdict.kind != pattern::receive_kind::deliver) {
      note_turned_away(source, verdict.kind);
      pop_inproc(source);
      return false;
    }
    try {
      cut_passed(next, cursor.passed(), verdict.prepend);
    } catch (...) {
      pattern_->take_back();  // it is still there
      throw;
    }
    into = std::move(next.what);
  }
  into.set_peer(source.sender);
  pop_inproc(source);
  return true;
}

/// A source that is empty now counts as readable until somebody looks: mostly the next message is there then,
/// and nobody has had to call anybody.
void socket_core::pop_inproc(pipe& source) noexcept {
  if (source.inproc->pop()) owe_call(*source.inproc);
  if (source.leaving && source.inproc->front() == nullptr) evict(peers_[source.id.slot]);
}

/// True if there is something to take. If not, the source may be gone, or the other side will call.
bool socket_core::look_for_arrivals(pipe& source) noexcept {
  inproc_end& end = *source.inproc;
  if (end.front() != nullptr) return true;
  if (source.leaving) {
    evict(peers_[source.id.slot]);
    return false;
  }
  if (!end.in.rest()) return true;
  if (end.in.sender_may_go_on()) owe_call(end);
  pattern_->set_readable(source.id, false);
  return false;
}

void socket_core::look_at_input(pipe& source) noexcept {
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
void socket_core::admit_inproc_arrivals(pipe& source) noexcept {
  inproc_end& end = *source.inproc;
  for (;;) {
    source.reading_paused = !pattern_->has_room();
    if (source.reading_paused) return;
    inproc_entry* const next = end.front();
    if (next == nullptr) {
      if (look_for_arrivals(source)) continue;
      return;
    }
    const bool done = admit_inproc_entry(source, *next);
    if (end.pop()) owe_call(end);
    if (!done && !source.leaving) return end_inproc(inproc_[end.place], out_of_memory());
  }
}

/// False if there is no memory to note what the peer has subscribed to.
bool socket_core::admit_inproc_entry(pipe& source, const inproc_entry& entry) noexcept {
  const bool is_message = !is_subscription(entry);
  try {
    if (is_message) {
      pattern::frame_cursor cursor(entry.kind == inproc_kind::delimited, entry.what);
      static_cast<void>(pattern_->admit(source.id, cursor));
    } else {
      ++source.inproc->subscriptions_in;
      pattern_->on_subscription(source.id, entry.kind == inproc_kind::subscribe, entry.what.front());
    }
    return true;
  } catch (const std::bad_alloc&) {
    if (is_message) count_drops(drop_reason::no_memory, 1, &source);
    return is_message;
  }
}

void socket_core::discard_inproc(pipe& source) noexcept {
  while (source.inproc->front() != nullptr) {
    count_drops(drop_reason::unexpected, 1, &source);
    if (source.inproc->pop()) owe_call(*source.inproc);
  }
  static_cast<void>(look_for_arrivals(source));
}

/// Makes the pattern know better of sources that are empty and count as readable.
void socket_core::settle_sources() noexcept {
  while (pipe* const next = find(pattern_->next_source())) {
    if (next->inproc && !look_for_arrivals(*next)) continue;
    if (!pattern_->is_selective() || !drop_unwanted(*next)) return;
  }
}

}  // namespace monocoque::engine
