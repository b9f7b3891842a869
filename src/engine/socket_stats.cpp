#include "engine/link.hpp"
#include "engine/queue_lengths.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

/// So many peers are described before others get at the socket.
constexpr std::size_t peers_at_a_time = 128;

}  // namespace

event socket_core::event_about(const pipe& who) {
  event about{.peer = who.peer};
  if (who.endpoint) about.endpoint = *who.endpoint;
  if (who.link != nullptr) {
    about.peer_address = who.link->peer_address();
  } else if (who.peer) {
    about.peer_address = who.peer->address;
  }
  return about;
}

void socket_core::report_high_water(event_kind kind, const pipe& who, bool sending) noexcept {
  report_locked(kind, [&] {
    event about = event_about(who);
    about.sending = sending;
    return about;
  });
}

void socket_core::count_drops(drop_reason why, std::uint64_t messages, pipe* who) noexcept {
  if (messages == 0) return;
  counted_.dropped[why] += messages;
  if (who != nullptr) who->counters.drop(why, messages);
  if (!is_watched()) return;
  report_locked(event_kind::dropped, [&] {
    event about = who != nullptr ? event_about(*who) : event{};
    about.count = messages;
    about.why = why;
    return about;
  });
}

void socket_core::count_refused(const pattern::send_verdict& verdict) noexcept {
  if (verdict.dropped == 0) return;
  if (verdict.full.empty()) count_drops(verdict.why, verdict.dropped);
  for (const base::peer_id id : verdict.full) {
    pipe* const who = find(id);
    count_drops(who != nullptr && who->leaving ? drop_reason::peer_gone : verdict.why, 1, who);
  }
}

void socket_core::tell_fan_drops(std::uint64_t dropped) noexcept {
  if (is_watched()) {
    const std::uint64_t in_all = mutex_.lanes().to_all().dropped_for_memory();
    const std::uint64_t for_memory = in_all - std::exchange(counted_.fan_memory_drops_reported, in_all);
    const auto tell = [&](std::uint64_t count, drop_reason why) {
      if (count == 0) return;
      report_locked(event_kind::dropped,
                    [&] { return event{.endpoint = last_endpoint_, .count = count, .why = why}; });
    };
    tell(dropped - counted_.fan_drops_reported - for_memory, drop_reason::full);
    tell(for_memory, drop_reason::no_memory);
  }
  counted_.fan_drops_reported = dropped;
}

peer_stats socket_core::stats_of(const pipe& peer) const {
  peer_stats of{.id = peer.counters.number};
  if (peer.endpoint) of.endpoint = *peer.endpoint;
  of.peer = peer.peer;
  of.sent = peer.sent();
  of.received = peer.received();
  of.dropped = peer.counters.dropped();
  of.reconnects = peer.counters.reconnects();
  of.round_trip = peer.counters.round_trip;
  if (peer.inproc) {
    of.connected = peer.inproc->ready && !peer.leaving;
    of.send_queue.messages = peer.inproc->out.count();
    of.receive_queue.messages = peer.inproc->in.waiting() + peer.inproc->inherited.size();
    return of;
  }
  of.connected = peer.link != nullptr;
  of.send_queue = {peer.out.messages(), peer.out.unwritten_bytes()};
  of.receive_queue = {peer.in.messages(), peer.in.byte_size()};
  if (peer.link != nullptr) of.partial_bytes = peer.link->partial_bytes();
  return of;
}

namespace {

/// As libzmq counts it, while anything waits: what has been sent counts until a reader has told the writer,
/// which it does each half high-water mark.
std::uint64_t waiting_to_go_out(const pipe& peer, std::uint64_t queued) {
  if (peer.inproc || queued == 0) return queued;
  return std::min(queued + peer.sent_since_relief(), std::max(queued, peer.mark));
}

}  // namespace

std::vector<queue_lengths> socket_core::all_queue_lengths() {
  const std::lock_guard lock(mutex_);
  std::vector<queue_lengths> all;
  for (const pipe_table::place& each : peers_) {
    if (!each.tenant || each.tenant->leaving) continue;
    const pipe& peer = *each.tenant;
    const peer_stats found = stats_of(peer);
    const std::uint64_t out = waiting_to_go_out(peer, found.send_queue.messages);
    all.push_back({event_about(peer), out, found.receive_queue.messages});
    event& about = all.back().about;
    if (peer.link != nullptr) {
      peer.link->describe_ends(about);
    } else {
      about.outgoing = peer.inproc ? peer.inproc->side == inproc_side::connecting : peer.keeps;
    }
  }
  return all;
}

void socket_core::add_totals(socket_stats& to) const {
  to.sent = counted_.gone_sent;
  to.received = counted_.gone_received;
  to.dropped = counted_.dropped;
  to.reconnects = counted_.reconnects;
  to.events = counted_.events;
  to.connected_peers = ready_links_;
  for (const pipe_table::place& each : peers_) {
    if (!each.tenant) continue;
    const pipe& peer = *each.tenant;
    to.sent += peer.sent();
    to.received += peer.received();
    if (peer.inproc) {
      to.send_queue.messages += peer.inproc->out.count();
      to.receive_queue.messages += peer.inproc->in.waiting() + peer.inproc->inherited.size();
      continue;
    }
    to.send_queue += {peer.out.messages(), peer.out.unwritten_bytes()};
    to.receive_queue += {peer.in.messages(), peer.in.byte_size()};
    if (peer.link != nullptr) to.partial_bytes += peer.link->partial_bytes();
  }
}

socket_stats socket_core::stats() {
  socket_stats now{.id = id_, .type = type_};
  std::size_t places = 0;
  {
    const std::lock_guard lock(mutex_);
    now.last_endpoint = last_endpoint_;
    add_totals(now);
    const fan_out& all = mutex_.lanes().to_all();
    now.dropped[drop_reason::full] += all.dropped() - all.dropped_for_memory();
    now.dropped[drop_reason::no_memory] += all.dropped_for_memory();
    places = peers_.size();
    now.peers.reserve(peers_.count());
  }
  for (std::size_t next = 0; next < places; next += peers_at_a_time) {
    const std::lock_guard lock(mutex_);
    const std::size_t end = std::min({places, next + peers_at_a_time, peers_.size()});
    for (std::size_t slot = next; slot < end; ++slot) {
      const pipe* const peer = peers_[slot].get();
      const bool is_there = peer != nullptr && !(peer->leaving && peer->reads_on && peer->in.empty());
      if (is_there) now.peers.push_back(stats_of(*peer));
    }
  }
  return now;
}

std::size_t socket_core::topic_count() {
  const hold lock(mutex_, owes_calls_);
  return pattern_->topic_count();
}

}  // namespace monocoque::engine

namespace monocoque {

std::uint64_t drop_counts::total() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint64_t each : by_reason) sum += each;
  return sum;
}

}  // namespace monocoque
