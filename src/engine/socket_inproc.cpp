#include "engine/context_core.hpp"
#include "engine/deadline.hpp"
#include "engine/dialer.hpp"
#include "engine/inproc_registry.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/socket_core.hpp"
#include "zmtp/handshake.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <utility>

namespace monocoque::engine {
namespace {

/// In canonical form.
std::vector<std::byte> encode(const message& what, bool delimited) {
  std::vector<std::byte> encoded;
  const auto add = [&](std::span<const std::byte> payload, bool more) {
    std::array<std::byte, base::wire::max_header_size> header{};
    const std::size_t size =
        base::wire::put_header(header.data(), payload.size(), more ? base::wire::flag_more : 0);
    encoded.insert(encoded.end(), header.begin(), header.begin() + static_cast<std::ptrdiff_t>(size));
    encoded.insert(encoded.end(), payload.begin(), payload.end());
  };
  if (delimited) add({}, true);
  for (std::size_t i = 0; i < what.size(); ++i) add(what[i].span(), i + 1 < what.size());
  return encoded;
}

}  // namespace

inproc_party socket_core::describe(const std::string& endpoint) const {
  return inproc_party::of(type_, options_, endpoint);
}

std::shared_ptr<pipe> socket_core::make_inproc_pipe(const std::shared_ptr<inproc_channel>& channel,
                                                    inproc_side side) {
  std::shared_ptr<pipe> made = make_pipe(context_->main_loop());
  made->inproc = std::make_unique<inproc_end>(channel, side);
  made->endpoint = {channel, &channel->endpoint()};
  if (!options_.hello_message.empty())
    static_cast<void>(made->inproc->out.push(inproc_kind::plain, message(options_.hello_message)));
  return made;
}

result<void> socket_core::bind_inproc(const transport::endpoint& where) {
  inproc_registry::channels waiting;
  {
    const hold lock(*this);
    if (!usable()) return why_unusable("bind", where.text);
    auto bound = context_->inproc().bind(where.name, shared_from_this(), context_->now());
    if (!bound) {
      error reason = error(std::make_error_code(std::errc::address_in_use)).with_doing("bind");
      reason = std::move(reason).with_endpoint(where.text);
      report_locked({.kind = event_kind::bind_failed, .endpoint = where.text, .reason = reason});
      return reason;
    }
    waiting = *std::move(bound);
    speaks_inproc_ = true;
    inproc_names_.push_back(where.name);
    last_endpoint_ = where.text;
    report_locked({.kind = event_kind::listening, .endpoint = where.text});
  }
  for (const auto& each : waiting) accept_inproc(each);
  return {};
}

result<void> socket_core::connect_inproc(const transport::endpoint& where, const bytes& routing_id) {
  auto channel =
      std::make_shared<inproc_channel>(where.text, where.name, shared_from_this(), describe(where.text));
  std::shared_ptr<socket_core> binder;
  {
    const hold lock(*this);
    if (!usable()) return why_unusable("connect", where.text);
    const auto made = make_inproc_pipe(channel, inproc_side::connecting);
    made->inproc->assigned_id = routing_id;
    made->inproc->out.set_limit(channel->connector().send_limit);
    speaks_inproc_ = true;
    if (keeps_pipes_) {
      made->keeps = true;
      const result<void> attached = attach(made, {}, false);
      if (!attached) return error(attached.error()).with_doing("connect").with_endpoint(where.text);
    }
    last_endpoint_ = where.text;
    list_inproc(made);
    binder = context_->inproc().connect(channel);
    notify(direction::send);
  }
  if (binder) binder->accept_inproc(channel);
  return {};
}

void socket_core::accept_inproc(const std::shared_ptr<inproc_channel>& channel) {
  const inproc_party own = describe(channel->endpoint());
  result<void> admitted;
  {
    const hold lock(*this);
    admitted = admit_inproc(channel, own);
  }
  const error refused = admitted ? error() : admitted.error();
  if (const auto connector = channel->socket_of(inproc_side::connecting))
    connector->inproc_answered(*channel, own, refused);
}

result<void> socket_core::admit_inproc(const std::shared_ptr<inproc_channel>& channel,
                                       const inproc_party& own) {
  if (!usable()) {
    channel->close(inproc_side::binding);
    return errc::peer_disconnected;
  }
  const inproc_party& other = channel->connector();
  channel->answer(shared_from_this());
  report_locked(
      {.kind = event_kind::accepted, .endpoint = channel->endpoint(), .peer_address = channel->endpoint()});
  const auto made = make_inproc_pipe(channel, inproc_side::binding);
  made->inproc->out.set_limit(inproc_limit(own, other));
  result<void> admitted = zmtp::check_socket_type(other.type, name_of(other.type), type_);
  if (admitted) admitted = attach(made, other.info->routing_id, false);
  if (!admitted) {
    channel->close(inproc_side::binding);
    report_locked({.kind = event_kind::handshake_failed,
                   .endpoint = channel->endpoint(),
                   .peer_address = channel->endpoint(),
                   .reason = admitted.error()});
    return admitted;
  }
  list_inproc(made);
  become_ready(made, own, other);
  if (channel->is_closed(inproc_side::connecting)) end_inproc(made, errc::peer_disconnected);
  return {};
}

void socket_core::inproc_answered(inproc_channel& channel, const inproc_party& binder, const error& refused) {
  const hold lock(*this);
  const auto found = std::ranges::find_if(inproc_, [&](const auto& each) {
    return each->inproc->channel.get() == &channel && each->inproc->side == inproc_side::connecting;
  });
  if (found == inproc_.end()) return;         // given up meanwhile, which the other side sees
  const std::shared_ptr<pipe> made = *found;  // NOLINT(performance-*): its place in the list may change
  report_locked(
      {.kind = event_kind::connected, .endpoint = channel.endpoint(), .peer_address = channel.endpoint()});
  error reason = refused;
  if (reason && !(reason == errc::socket_type_mismatch)) {
    reason = error(errc::refused_by_peer).with_detail(refused.message());
  } else if (reason) {
    reason = zmtp::check_socket_type(binder.type, name_of(binder.type), type_).error();
  }
  const bytes& assigned = made->inproc->assigned_id;
  if (!reason && !made->attached) {
    const result<void> attached =
        attach(made, assigned.empty() ? binder.info->routing_id : assigned, !assigned.empty());
    if (!attached) reason = attached.error();
  }
  if (reason) {
    report_locked({.kind = event_kind::handshake_failed,
                   .endpoint = channel.endpoint(),
                   .peer_address = channel.endpoint(),
                   .reason = reason});
    count_drops(drop_reason::peer_gone, made->inproc->out.count(), made.get());
    end_inproc(made, reason);
    return;
  }
  become_ready(made, channel.connector(), binder);
  if (channel.is_closed(inproc_side::binding)) end_inproc(made, errc::peer_disconnected);
}

/// Both sides are there: messages flow.
void socket_core::become_ready(const std::shared_ptr<pipe>& ready, const inproc_party& own,
                               const inproc_party& other) {
  inproc_end& end = *ready->inproc;
  end.ready = true;
  end.channel->end_of(end.side) = ready.get();
  ready->peer = other.info;
  ready->sender = detail::peer_ref(other.info);
  ready->counters.connections = 1;
  ++ready_links_;
  report_locked({.kind = event_kind::handshake_done,
                 .endpoint = end.channel->endpoint(),
                 .peer_address = end.channel->endpoint(),
                 .peer = other.info});
  end.conflates = inproc_conflates(other, own);
  if (inproc_conflates(own, other)) {
    end.out.keep_newest_only();
  } else {
    end.out.set_limit(inproc_limit(own, other));
  }
  if (ready->full && !end.out.full()) {
    ready->full = false;
    report_high_water(event_kind::high_water_left, *ready, true);
    pattern_->set_writable(ready->id, true);
  }
  bool tell = end.out.count() > 0;
  pattern_->for_each_subscription([&](std::span<const std::byte> topic) {
    ++end.subscriptions_out;
    tell = end.out.push(inproc_kind::subscribe, message(topic)) || tell;
  });
  if (tell) owe_call(end);
  look_at_input(*ready);
  notify(direction::send);
}

void socket_core::attend(inproc_channel& channel, inproc_side side) {
  const hold lock(*this);
  pipe* const found = channel.end_of(side);
  if (found == nullptr) return;
  pipe& at = *found;
  if (at.full && (at.inproc->out.half_empty() || !at.inproc->out.full())) {
    at.full = false;
    report_high_water(event_kind::high_water_left, at, true);
    if (!at.sends_no_more) pattern_->set_writable(at.id, true);
    notify(direction::send);
  }
  if (channel.is_closed(other_of(side))) {
    end_inproc(inproc_[at.inproc->place], errc::peer_disconnected);
  } else {
    look_at_input(at);
  }
}

void socket_core::list_inproc(const std::shared_ptr<pipe>& joining) {
  joining->inproc->place = inproc_.size();
  inproc_.push_back(joining);
}

/// The connection is over, whichever side ended it: what came in may still be taken.
void socket_core::end_inproc(const std::shared_ptr<pipe>& ending, const error& reason) {
  const std::shared_ptr<pipe> leaving = ending;  // NOLINT(performance-*): may be a place in the list
  inproc_end& end = *leaving->inproc;
  end.channel->close(end.side);
  if (end.ready) {
    --ready_links_;
    end.channel->end_of(end.side) = nullptr;
    report_locked(
        {.kind = event_kind::disconnected,
         .endpoint = end.channel->endpoint(),
         .peer_address = end.channel->endpoint(),
         .reason = error(reason).with_endpoint(end.channel->endpoint()).with_peer(end.channel->endpoint()),
         .peer = leaving->peer});
  } else {
    abandon_inproc(*leaving);
  }
  owe_call(end);
  if (end.side == inproc_side::connecting)
    report_locked({.kind = event_kind::closed, .endpoint = end.channel->endpoint()});
  inproc_[end.place] = std::move(inproc_.back());
  inproc_[end.place]->inproc->place = end.place;
  inproc_.pop_back();
  if (leaving->attached) {
    leaving->leaving = true;
    pattern_->set_writable(leaving->id, false);
    const bytes& words =
        end.side == inproc_side::connecting ? options_.hiccup_message : options_.disconnect_message;
    // The other side has closed its end and puts no more into its queue.
    if (!words.empty() && !closing_ && end.channel->is_closed(other_of(end.side)))
      static_cast<void>(end.in.push(inproc_kind::plain, message(words)));
    if (pattern_->admits_on_arrival()) admit_inproc_arrivals(*leaving);
    if (find(leaving->id) != leaving.get()) return;
    if (end.front() == nullptr || closing_) {
      evict(leaving);
    } else {
      pattern_->set_readable(leaving->id, true);
      notify(direction::receive);
    }
  }
}

/// Nobody has bound the name, and the connecting side gives up: what it has sent is left with the context for
/// the linger time. If somebody is binding it just now, that one takes it.
void socket_core::abandon_inproc(pipe& waiting) {
  const auto now = context_->now();
  const auto keep_until = std::min(linger_until_, deadline_after(options_.linger, now));
  inproc_end& end = *waiting.inproc;
  const bool kept = end.out.count() > 0 && keep_until > now;
  if (!context_->inproc().abandon(*end.channel, kept ? keep_until : now, now) || kept) return;
  count_drops(drop_reason::closed, end.out.count(), &waiting);
  if (closing_) dropped_at_close_ += end.out.count();
}

bool socket_core::unbind_inproc(std::string_view endpoint) {
  const auto found = std::ranges::find_if(
      inproc_names_, [&](const std::string& name) { return "inproc://" + name == endpoint; });
  if (found == inproc_names_.end()) return false;
  context_->inproc().unbind(*found);
  inproc_names_.erase(found);
  const std::vector<std::shared_ptr<pipe>> all = inproc_;
  for (const auto& each : all) {
    const inproc_end& end = *each->inproc;
    if (end.side == inproc_side::binding && end.channel->endpoint() == endpoint)
      end_inproc(each, errc::closed);
  }
  report_locked({.kind = event_kind::closed, .endpoint = std::string(endpoint)});
  return true;
}

bool socket_core::disconnect_inproc(std::string_view endpoint) {
  const auto found = std::find_if(inproc_.rbegin(), inproc_.rend(), [&](const auto& each) {
    return each->inproc->side == inproc_side::connecting && each->inproc->channel->endpoint() == endpoint;
  });
  if (found == inproc_.rend()) return false;
  end_inproc(*found, errc::closed);
  return true;
}

void socket_core::close_inproc() {
  const std::vector<std::string> names = inproc_names_;
  for (const std::string& name : names) unbind_inproc("inproc://" + name);
  const std::vector<std::shared_ptr<pipe>> all = inproc_;
  for (const auto& each : all) end_inproc(each, errc::closed);
}

/// What the older connection of a peer has left unread comes first; one of the two, or both, is inproc.
void socket_core::inherit(pipe& heir, pipe& older) {
  std::deque<inproc_entry> unread;
  if (older.inproc) {
    for (; older.inproc->front() != nullptr; static_cast<void>(older.inproc->pop()))
      unread.push_back(std::move(*older.inproc->front()));
  }
  while (!older.in.empty()) {
    unread.push_back({message(), inproc_kind::plain});
    older.in.take(true, nullptr, unread.back().what);
  }
  if (heir.inproc) {
    heir.inproc->inherited = std::move(unread);
    return;
  }
  for (const inproc_entry& each : unread) {
    std::vector<std::byte> encoded = encode(each.what, each.kind == inproc_kind::delimited);
    heir.in.push(bytes::copy(encoded), 1);
  }
}

bool socket_core::waits_for_inproc_alone() {
  const std::lock_guard lock(mutex_);
  return speaks_inproc_ && links_.empty() && dialers_.empty() && listeners_.empty();
}

}  // namespace monocoque::engine
