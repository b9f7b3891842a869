#include "engine/context_core.hpp"
#include "engine/link.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/single_frames.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

/// While a loop's slabs in use are fewer than this, received messages share them; beyond, somebody keeps old
/// messages for long, and small ones are copied out so that each does not hold on to a slab of 64 KB.
constexpr std::size_t plenty_of_slabs = 256;

/// A payload of this size or more may hold a slab in any case.
constexpr std::size_t worth_a_slab = 16 * 1024;

/// A filter looks at so many messages before they are asked for: they are looked at again if it changes.
constexpr std::uint64_t most_judged_ahead = 64;
/// Of these, it hears of so many before it judges: about as many as memory works on at once.
constexpr std::uint64_t foreseen = 8;

/// Where several peers have messages: so many of one make a turn, if it has much more.
constexpr std::uint64_t messages_a_turn = 16;
constexpr std::uint64_t much = 64;
constexpr std::uint32_t worth_a_lane = 4;

/// Why a peer that broke the pattern's rules is refused, in words.
error told(errc reason) {
  if (reason != errc::limit_reached) return reason;
  return error(reason).with_detail("more subscriptions than one peer may have");
}

}  // namespace

attempt_code socket_core::try_receive(message& into, waiter* joining) {
  monitor_mutex::for_traffic lock(mutex_);
  open_lanes& lanes = mutex_.lanes();
  if (!inline_) ++turn_;
  if (lanes.for_engine().in.take(into)) return succeeded;
  if (speaks_inproc_) {
    lock.pass_on();
    return try_receive_inproc(into, joining);
  }
  lanes.shut_in();
  if (!usable()) return why_unusable();
  if (pipe* const source = find(pattern_->sole_source())) {
    take_from(*source, into, false);
    return succeeded;
  }
  if (take_filtered(into)) return succeeded;
  lanes.shut();
  const attempt_code received = receive_now(into);
  if (received == succeeded) {
    ++turn_;
    // A REQ's reply makes it writable, and the like.
    if (!senders_.empty() && pattern_->can_send()) notify(direction::send);
  } else if (joining != nullptr && received == errc::would_block) {
    receivers_.add(*joining);
  }
  return received;
}

/// The next message of the only source, if messages need nothing but to be let in.
bool socket_core::take_filtered(message& into) {
  while (pipe* const source = find(pattern_->sole_filtered_source())) {
    if (pattern_->lets_in(base::wire::first_payload(source->in.front()))) {
      take_from(*source, into, true);
      return true;
    }
    source->in.pop(source->in.front().size());
    after_take(*source);
  }
  return false;
}

/// How many of the next messages, up to `most`, are let in.
std::uint64_t socket_core::judge_ahead(const pipe& source, std::uint64_t most) const {
  const in_queue::stretch ahead = source.in.first_stretch();
  const std::byte* at = ahead.at;
  most = std::min({most, most_judged_ahead, std::uint64_t{ahead.messages}});
  std::uint64_t wanted = 0;
  const std::byte* soon = at;
  std::uint64_t told = 0;
  while (wanted < most) {
    for (; told < std::min(wanted + foreseen, most); ++told) {
      const std::span<const std::byte> rest(soon, ahead.end);
      if (!pattern_->foresee(base::wire::first_payload(rest))) {
        told = most;
        break;
      }
      soon += base::wire::message_size(rest);
    }
    const std::span<const std::byte> rest(at, ahead.end);
    if (!pattern_->lets_in(base::wire::first_payload(rest))) break;
    at += base::wire::message_size(rest);
    ++wanted;
  }
  return wanted;
}

void socket_core::take_from(pipe& source, message& into, bool filtered) {
  ++turn_;
  const bytes* const first = pattern_->sole_source_id();
  source.in.take(memory_is_scarce(source), first, into);
  into.set_peer(source.sender);
  // The next messages need nothing but to be decoded; the last, and the one that makes room for more to be
  // read, need more.
  const std::uint64_t rest = source.in.messages();
  if (source.reading_paused || rest == 0) after_take(source);  // may be the end of the source
  if (rest == 0) return;
  const std::uint64_t kept = source.reading_paused ? limits_.receive / 2 + 1 : 1;
  if (rest <= kept || slabs_are_scarce(source)) return;
  mutex_.lanes().open_in(source, filtered ? judge_ahead(source, rest - kept) : rest - kept, first);
}

attempt_code socket_core::receive_now(message& into) {
  if (admits_on_arrival_ && take_admitted(into)) return succeeded;
  for (;;) {
    pipe* const source = find(pattern_->next_source());
    if (source == nullptr) return pattern_->why_no_source();
    if (source->inproc) {
      if (take_inproc(*source, into)) return succeeded;
      continue;
    }
    const std::span<const std::byte> whole = source->in.front();
    pattern::frame_cursor received(whole);
    const pattern::receive_verdict verdict = pattern_->admit(source->id, received);
    if (verdict.kind == pattern::receive_kind::deliver) {
      try {
        source->in.decode(received.rest(), memory_is_scarce(*source), verdict.prepend, into);
      } catch (...) {
        pattern_->take_back();  // it is still there
        throw;
      }
      into.set_peer(source->sender);
      source->in.pop(whole.size());
      end_turn(*source, verdict.prepend);
      return succeeded;
    }
    source->in.pop(whole.size());
    if (verdict.kind == pattern::receive_kind::refuse && source->link != nullptr)
      source->link->close_soon(told(verdict.reason));
    note_turned_away(*source, verdict.kind);
    after_take(*source);
  }
}

/// Where a peer among several has much waiting, the next few messages are its as well: a lane for them costs
/// less than a turn for each. With little waiting the peers' messages come strictly in turn.
void socket_core::end_turn(pipe& source, const bytes* first) {
  const bool has_much = source.in.messages() > much;
  after_take(source);  // may be the end of the source, if nothing is left
  if (!has_much || !pattern_->delivers_all() || slabs_are_scarce(source)) return;
  const std::uint64_t until_resumed = limits_.receive / 2 + messages_a_turn;
  if (source.reading_paused && source.in.messages() <= until_resumed) return;
  if (source.in.first_stretch().messages < worth_a_lane) return;
  mutex_.lanes().open_in(source, messages_a_turn - 1, first);
}

/// SUB, DISH: whoever asks whether there is something is not to be told of what no receive would deliver,
/// such as what came after the last cancellation. True if the next message was such a one; the source, which
/// has one, may be gone then.
bool socket_core::drop_unwanted(pipe& source) noexcept {
  if (source.inproc) {
    inproc_end& end = *source.inproc;
    if (end.conflates) count_drops(drop_reason::replaced, end.in.drop_older(), &source);
    if (pattern_->lets_in(end.front()->what.front().span())) return false;
    pop_inproc(source);
  } else {
    const std::span<const std::byte> next = source.in.front();
    if (pattern_->lets_in(base::wire::first_payload(next))) return false;
    source.in.pop(next.size());
    after_take(source);
  }
  return true;
}

/// What a SUB has not subscribed to, or is not of a DISH's groups, is filtered, not dropped.
void socket_core::note_turned_away(pipe& source, pattern::receive_kind how) noexcept {
  using enum pattern::receive_kind;
  const bool dropped = how == refuse || (how == drop && !pattern_->is_selective());
  if (dropped) count_drops(drop_reason::unexpected, 1, &source);
}

bool socket_core::take_admitted(message& into) {
  const bool was_full = !pattern_->has_room();
  std::optional<message> local = pattern_->take_local();
  if (!local) return false;
  into = *std::move(local);
  if (const pipe* const source = find(pattern_->local_source())) into.set_peer(source->sender);
  if (was_full) resume_paused();
  return true;
}

/// There is room for subscribers' messages again.
void socket_core::resume_paused() noexcept {
  for (std::size_t slot = 0; slot < peers_.size(); ++slot) {
    const std::shared_ptr<pipe> each = peers_[slot];
    if (!each || !each->reading_paused) continue;
    if (each->inproc) {
      admit_inproc_arrivals(*each);
    } else {
      admit_arrivals(*each);
    }
  }
}

bool socket_core::slabs_are_scarce(const pipe& source) const noexcept {
  return source.slabs != nullptr && source.slabs->in_use() > plenty_of_slabs;
}

bool socket_core::memory_is_scarce(const pipe& source) const noexcept {
  return slabs_are_scarce(source) && source.in.front().size() < worth_a_slab;
}

void socket_core::after_take(pipe& source) noexcept {
  if (source.reading_paused && may_read_again(source) && source.link != nullptr) {
    source.reading_paused = false;
    report_high_water(event_kind::high_water_left, source, false);
    source.link->resume_reading();
  }
  if (paused_for_total_) resume_after_total();
  if (!source.in.empty()) return;
  if (source.is_spent()) {
    evict(peers_[source.id.slot]);
  } else {
    pattern_->set_readable(source.id, false);
  }
}

bool socket_core::at_receive_limit(const pipe& source) const noexcept {
  return source.in.messages() >= limits_.receive ||
         (!limits_.conflates && (source.in.byte_permits().exhausted() || in_total_.exhausted()));
}

bool socket_core::under_half_of_limit(const pipe& source) const noexcept {
  return source.in.messages() <= limits_.receive / 2 && source.in.byte_permits().half_free() &&
         !in_total_.exhausted();
}

/// While others wait for the total to be half free, nobody gets ahead of them.
bool socket_core::may_read_again(const pipe& source) const noexcept {
  if (paused_for_total_ && !in_total_.half_free()) return false;
  if (under_half_of_limit(source)) return true;
  return !at_receive_limit(source) &&
         source.in.byte_size() + pipe::relief(source.paused_size) <= source.paused_size;
}

std::uint32_t socket_core::room_for(link& from) {
  const std::lock_guard lock(mutex_);
  return room_now(from);
}

std::uint32_t socket_core::room_now(link& from) {
  if (!from.pipe()) return UINT32_MAX;
  pipe& target = *from.pipe();
  if (at_receive_limit(target) || (admits_on_arrival_ && !pattern_->has_room())) {
    if (!std::exchange(target.reading_paused, true)) {
      target.paused_size = target.in.byte_size();
      report_high_water(event_kind::high_water_reached, target, false);
    }
    paused_for_total_ = paused_for_total_ || in_total_.exhausted();
    return 0;
  }
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(limits_.receive - target.in.messages(), UINT32_MAX));
}

std::uint32_t socket_core::deliver(link& from, bytes run, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  if (from.pipe() && !closing_) take_in(*from.pipe(), std::move(run), count);
  return room_now(from);
}

/// Beyond the mark in messages: what is not read on any more cannot grow, and the memory is there already.
/// Not beyond a limit in bytes, or peers that come and go might have us hold any number of them.
void socket_core::deliver_last(link& from, bytes run, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  if (!from.pipe() || closing_) return;
  pipe& target = *from.pipe();
  if (target.link != &from && !target.reads_on) return;
  const bool may_hold = limits_.conflates || !(target.in.byte_permits().exhausted() || in_total_.exhausted());
  if (find(target.id) == &target && may_hold) {
    take_in(target, std::move(run), count);
  } else {
    count_drops(may_hold ? drop_reason::peer_gone : drop_reason::full, count, &target);
  }
}

void socket_core::take_in(pipe& target, bytes run, std::uint32_t count) {
  if (!target.attached) return count_drops(drop_reason::unexpected, count, &target);  // parted from
  if (!single_frames_) return store(target, std::move(run), count);
  const std::uint64_t passed_over = for_each_single_run(run.span(), [&](const single_run& part) {
    store(target, run.slice(part.offset, part.size), part.count);
  });
  count_drops(drop_reason::unexpected, passed_over, &target);
}

void socket_core::store(pipe& target, bytes run, std::uint32_t count) {
  target.counters.received.messages += count;
  target.counters.received.bytes += run.size();
  try {
    target.in.push(std::move(run), count);
  } catch (...) {
    count_drops(drop_reason::no_memory, count, &target);
    throw;
  }
  if (limits_.conflates) count_drops(drop_reason::replaced, target.in.keep_newest(), &target);
  if (admits_on_arrival_) {
    admit_arrivals(target);
  } else {
    pattern_->set_readable(target.id, true);
  }
  notify(direction::receive);
}

/// Links that have stopped reading for what all have received together go on when half of that is taken.
void socket_core::resume_after_total() noexcept {
  if (!in_total_.half_free()) return;
  paused_for_total_ = false;
  for (const pipe_table::place& each : peers_) {
    pipe* const one = each.tenant.get();
    if (one == nullptr || !one->reading_paused || one->link == nullptr || !under_half_of_limit(*one))
      continue;
    one->reading_paused = false;
    one->link->resume_reading();
  }
}

/// PUB, XPUB: messages from subscribers go to the pattern as they come, as far as it has room for them.
void socket_core::admit_arrivals(pipe& source) noexcept {
  while (!source.in.empty() && pattern_->has_room()) {
    const std::span<const std::byte> whole = source.in.front();
    pattern::frame_cursor received(whole);
    error refused;
    try {
      const pattern::receive_verdict verdict = pattern_->admit(source.id, received);
      if (verdict.kind == pattern::receive_kind::refuse) refused = told(verdict.reason);
    } catch (const std::bad_alloc&) {
      refused = out_of_memory();
      count_drops(drop_reason::no_memory, 1, &source);
    }
    source.in.pop(whole.size());
    if (refused && source.link != nullptr) source.link->close_soon(std::move(refused));
  }
  if (source.reading_paused && pattern_->has_room() && under_half_of_limit(source) &&
      source.link != nullptr) {
    source.reading_paused = false;
    report_high_water(event_kind::high_water_left, source, false);
    source.link->resume_reading();
  }
  if (source.is_spent()) evict(peers_[source.id.slot]);
}

void socket_core::on_subscription(link& from, bool add, const bytes& topic) {
  const std::lock_guard lock(mutex_);
  if (!from.pipe() || closing_) return;
  if (!pattern_->on_subscription(from.pipe()->id, add, topic)) from.close_soon(told(errc::limit_reached));
  notify(direction::receive);
  notify(direction::send);  // whoever a message waited for may not want it any more
}

}  // namespace monocoque::engine
