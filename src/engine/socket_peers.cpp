#include "engine/context_core.hpp"
#include "engine/dialer.hpp"
#include "engine/event_log.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/send_limits.hpp"
#include "engine/socket_core.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace monocoque::engine {

io::permits* socket_core::permits_of_all() noexcept {
  return limits_.receive_total != SIZE_MAX ? &in_total_ : nullptr;
}

std::shared_ptr<pipe> socket_core::make_pipe(io::loop& loop) {
  return std::make_shared<pipe>(loop.slabs().shared_from_this(), limits_.send_mark, limits_.receive_bytes,
                                permits_of_all());
}

void socket_core::give_place(const std::shared_ptr<pipe>& tenant) {
  peers_.settle(tenant);
  tenant->counters.number = ++counted_.peers_ever;
}

/// Takes the peer out of the pattern and out of the table; its id is stale from now on.
void socket_core::evict(const std::shared_ptr<pipe>& leaving) noexcept {
  if (find(leaving->id) != leaving.get()) return;
  if (std::exchange(leaving->attached, false)) pattern_->detach(leaving->id);
  const std::uint32_t slot = leaving->id.slot;
  counted_.gone_sent += leaving->sent();
  counted_.gone_received += leaving->received();
  peers_.vacate(slot);  // and the argument with it, which may be this very place
  // Whoever waited for this peer (a reply, a full ROUTER peer) has to look again.
  notify(direction::send);
  notify(direction::receive);
}

/// Makes a peer known to the pattern; it may be sent to from now on (`attached`, but for a peer that is to be
/// ignored). What throws has done nothing.
result<void> socket_core::attach(const std::shared_ptr<pipe>& joining, const bytes& routing_id,
                                 bool assigned) {
  give_place(joining);
  try {
    return introduce(joining, routing_id, assigned);
  } catch (...) {
    joining->attached = true;  // as far as it came
    evict(joining);
    throw;
  }
}

result<void> socket_core::introduce(const std::shared_ptr<pipe>& joining, const bytes& routing_id,
                                    bool assigned) {
  const pattern::peer_description description{.routing_id = routing_id,
                                              .assigned_id = assigned,
                                              .unlimited = joining->inproc != nullptr,
                                              .takes_all = joining->datagrams != nullptr};
  pattern::attach_verdict verdict = pattern_->attach(joining->id, description);
  if (verdict.refused && verdict.refused->code() == make_error_code(errc::duplicate_routing_id) &&
      take_over_unread(*joining, routing_id)) {
    verdict = pattern_->attach(joining->id, description);
  }
  if (verdict.refused) {
    // libzmq lets a peer stay whose routing id another has: nobody hears it, and nothing is sent to it.
    const bool stays =
        context_->behaves_as_libzmq() && !assigned && *verdict.refused == errc::duplicate_routing_id;
    if (stays) return {};
    evict(joining);
    return *std::move(verdict.refused);
  }
  joining->attached = true;
  joining->routing_id = std::move(verdict.routing_id);
  if (pipe* const older = find(verdict.hand_over)) {
    if (older->link != nullptr) older->link->close_soon(errc::duplicate_routing_id);
    if (older->inproc && !older->leaving)
      end_inproc(inproc_[older->inproc->place], errc::duplicate_routing_id);
  }
  pattern_->set_writable(joining->id, true);
  if (!joining->in.empty()) pattern_->set_readable(joining->id, true);
  send_time when;
  for (const message& greeting : verdict.greetings) append(*joining, {}, greeting.frames(), when);
  return {};
}

/// The peer with that routing id may have gone and come back before the application took all it had sent.
/// Then the new connection inherits what is unread instead of being refused.
bool socket_core::take_over_unread(pipe& joining, const bytes& routing_id) {
  pipe* const older = find(pattern_->find(routing_id));
  if (older == nullptr || !older->leaving) return false;
  if (joining.inproc || older->inproc) {
    inherit(joining, *older);
  } else {
    joining.in.push_front_all(older->in);
  }
  evict(peers_[older->id.slot]);
  return true;
}

/// The connection of a peer is over: what it sent may still be taken, nothing can be sent to it.
void socket_core::retire(const std::shared_ptr<pipe>& leaving, drop_reason why) noexcept {
  count_drops(closing_ ? drop_reason::closed : why, leaving->out.messages(), leaving.get());
  if (closing_) counted_.dropped_at_close += leaving->out.messages();
  leaving->leaving = true;
  out_total_ -= std::exchange(leaving->counted_out, 0);
  send_limits(*this).note_total();
  if (leaving->attached) pattern_->shut(leaving->id);
  if (leaving->is_spent() || closing_ || !leaving->attached) evict(leaving);
}

bool socket_core::add_link(const std::shared_ptr<link>& joining) {
  const std::lock_guard lock(mutex_);
  joining->place = links_.size();
  links_.push_back(joining);
  return !closing_ || (joining->pipe() && !joining->pipe()->out.empty());  // a lingering dialer's is welcome
}

void socket_core::remove_link(link& leaving) noexcept {
  std::shared_ptr<link> last_reference;
  const std::lock_guard lock(mutex_);
  if (leaving.place >= links_.size() || links_[leaving.place].get() != &leaving) return;
  last_reference = std::move(links_[leaving.place]);
  links_[leaving.place] = std::move(links_.back());
  if (links_[leaving.place]) links_[leaving.place]->place = leaving.place;
  links_.pop_back();
  note_end();
}

result<void> socket_core::link_ready(link& ready, peer_info who) {
  const hold lock(mutex_, owes_calls_);  // the peer may take the place of an inproc one
  if (closing_ && (!ready.pipe() || ready.pipe()->out.empty())) return errc::closed;
  const auto peer = std::make_shared<const peer_info>(std::move(who));
  detail::peer_ref sender(peer);
  std::shared_ptr<pipe> target = ready.pipe();
  if (target == nullptr) {
    target = make_pipe(ready.loop());
    const bytes& assigned = ready.options().assigned_routing_id;
    const result<void> attached =
        attach(target, assigned.empty() ? peer->routing_id : assigned, !assigned.empty());
    if (!attached) return attached;
    ready.set_pipe(target);
  }
  // From here on nothing fails.
  target->peer = peer;
  target->sender = std::move(sender);
  target->link = &ready;
  if (!target->endpoint) target->endpoint = ready.endpoint();
  ++target->counters.connections;
  if (ready.is_again()) ++counted_.reconnects;
  ++ready_links_;
  report_locked(event_kind::handshake_done, [&] {
    event happened{.peer = target->peer};
    ready.describe_ends(happened);
    ready.describe_handshake(happened);
    return happened;
  });
  with_memory(
      [&] {
        pattern_->for_each_subscription(
            [&](std::span<const std::byte> topic) { ready.queue_subscription(true, topic); });
      },
      [&] { ready.close_soon(out_of_memory()); });
  const socket_options& terms = *ready.options().of_socket;
  const bool is_noticed = type_ == socket_type::stream ? terms.stream_notify : terms.router_notify_connect;
  if (is_noticed) leave_word(*target, bytes());
  const bytes& hello = terms.hello_message;
  if (!hello.empty()) ready.queue_greeting(hello);
  if (!target->out.empty()) ready.on_queued();
  note_handshake_over(ready);
  notify(direction::send);
  return {};
}

void socket_core::link_over(link& over, bool was_ready, const error& reason) noexcept {
  const std::lock_guard lock(mutex_);
  const bool on_purpose = closing_ && reason == errc::closed;
  if (!on_purpose || was_ready) {
    report_locked(was_ready ? event_kind::disconnected : event_kind::handshake_failed, [&] {
      event happened{.reason = reason};
      over.describe_ends(happened);
      if (was_ready && over.pipe()) happened.peer = over.pipe()->peer;
      if (!was_ready) over.describe_handshake(happened);
      return happened;
    });
  }
  note_left(over, was_ready);
  const std::shared_ptr<pipe> target = over.pipe();
  if (!target || target->link != &over) return;
  --ready_links_;
  target->link = nullptr;
  target->reading_paused = false;
  target->counters.heartbeats = 0;
  target->counters.round_trip = {};
  target->reads_on = !admits_on_arrival_;
  if (!target->reads_on) leave_last_word(over);
  if (!target->keeps) {
    retire(target, target->sends_no_more ? drop_reason::closed : drop_reason::peer_gone);
  } else if (target->full && !waits_for_total_) {
    send_limits(*this).look_again_at(*target);  // only what waits counts from here on
  }
}

void socket_core::input_over(const link& over) noexcept {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<pipe>& target = over.pipe();
  if (!target || !std::exchange(target->reads_on, false)) return;
  leave_last_word(over);
  if (target->is_spent()) evict(target);
}

std::size_t socket_core::peer_count() {
  const std::lock_guard lock(mutex_);
  return ready_links_;
}

std::uint64_t socket_core::dropped_count() {
  const std::lock_guard lock(mutex_);
  return counted_.dropped.total() + mutex_.lanes().to_all().dropped();
}

bool socket_core::has_unsent(const pipe& kept) {
  const std::lock_guard lock(mutex_);
  return !kept.out.empty();
}

std::chrono::steady_clock::time_point socket_core::linger_until() {
  const std::lock_guard lock(mutex_);
  return linger_until_;
}

void socket_core::notify(direction what) noexcept {
  (what == direction::send ? senders_ : receivers_).notify_all();
}

std::shared_ptr<event_queue> socket_core::add_monitor() {
  auto queue = std::make_shared<event_queue>(context_);
  const std::lock_guard lock(mutex_);
  if (closing_) {
    queue->finish();
  } else {
    monitors_.push_back(queue);
  }
  return queue;
}

bool socket_core::tell(event& happened) noexcept {
  happened.when = context_->now();
  happened.socket = type_;
  bool told = log_ == nullptr || log_->add(happened);
  std::erase_if(monitors_, [](const auto& queue) { return queue.use_count() == 1; });  // its monitor has gone
  if (monitors_.empty()) return told;
  for (std::size_t i = 0; i + 1 < monitors_.size(); ++i) told = monitors_[i]->push(happened) && told;
  return monitors_.back()->push(std::move(happened)) && told;
}

void socket_core::miss_event() noexcept {
  if (log_ != nullptr) log_->note_missed();
  for (const auto& queue : monitors_) queue->note_missed();
}

}  // namespace monocoque::engine
