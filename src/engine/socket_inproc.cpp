#include "engine/context_core.hpp"
#include "engine/deadline.hpp"
#include "engine/dialer.hpp"
#include "engine/inproc_registry.hpp"
#include "engine/link.hpp"
#include "engine/listener.hpp"
#include "engine/out_of_memory.hpp"
#include "engine/send_limits.hpp"
#include "engine/socket_core.hpp"
#include "zmtp/handshake.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
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

void take_unread(pipe& from, std::deque<inproc_entry>& into) {
  if (from.inproc) {
    for (; from.inproc->front() != nullptr; static_cast<void>(from.inproc->pop()))
      into.push_back(std::move(*from.inproc->front()));
  }
  while (!from.in.empty()) {
    into.push_back({message(), inproc_kind::plain});
    from.in.take(true, nullptr, into.back().what);
  }
}

}  // namespace

/// What this side says of itself, of an endpoint that goes by `options`. The high-water marks are those that
/// hold now.
inproc_party socket_core::describe(const std::string& endpoint, const socket_options& options) const {
  return inproc_party::of(type_, inproc_marks::of(*options_), options, endpoint);
}

/// What a name goes by that this socket has bound.
socket_core::shared_options socket_core::options_of_inproc(const std::string& name) const {
  const auto found = std::ranges::find(inproc_names_, name, &inproc_name::text);
  return found != inproc_names_.end() ? found->options : options_;
}

std::shared_ptr<pipe> socket_core::make_inproc_pipe(const std::shared_ptr<inproc_channel>& channel,
                                                    inproc_side side, shared_options options) {
  std::shared_ptr<pipe> made = make_pipe(context_->main_loop());
  made->inproc = std::make_unique<inproc_end>(channel, side);
  made->endpoint = {channel, &channel->endpoint()};
  if (const bytes& hello = options->hello_message; !hello.empty())
    static_cast<void>(made->inproc->out.push(inproc_kind::plain, message(hello)));
  made->inproc->options = std::move(options);
  return made;
}

result<void> socket_core::bind_inproc(const transport::endpoint& where) {
  inproc_registry::channels waiting;
  std::string last = where.text;
  {
    const hold lock(mutex_, owes_calls_);
    if (!usable()) return why_unusable("bind", where.text);
    base::make_room_for_one(inproc_names_);
    std::string name = where.name;
    auto bound = context_->inproc().bind(where.name, shared_from_this(), context_->now());
    if (!bound) {
      error reason = error(std::make_error_code(std::errc::address_in_use)).with_doing("bind");
      reason = std::move(reason).with_endpoint(where.text);
      report_locked(event_kind::bind_failed, [&] { return event{.endpoint = where.text, .reason = reason}; });
      return reason;
    }
    waiting = *std::move(bound);
    speaks_inproc_ = needs_detour_ = true;
    inproc_names_.push_back({std::move(name), options_});
    last_endpoint_ = std::move(last);
    report_locked(event_kind::listening, [&] { return event{.endpoint = where.text}; });
  }
  for (const auto& each : waiting) static_cast<void>(accept_inproc(each));
  return {};
}

result<void> socket_core::connect_inproc(const transport::endpoint& where, const bytes& routing_id,
                                         bytes* known_as) {
  std::shared_ptr<inproc_channel> channel;
  std::string last = where.text;
  std::shared_ptr<socket_core> binder;
  {
    const hold lock(mutex_, owes_calls_);
    if (!usable()) return why_unusable("connect", where.text);
    channel = std::make_shared<inproc_channel>(where.text, where.name, shared_from_this(),
                                               describe(where.text, *options_));
    if (context_->behaves_as_libzmq()) channel->count_in_halves();
    const auto made = make_inproc_pipe(channel, inproc_side::connecting, options_);
    made->inproc->assigned_id = routing_id;
    speaks_inproc_ = needs_detour_ = true;
    base::make_room_for_one(inproc_);
    if (keeps_pipe_to(routing_id, *options_)) {
      made->keeps = true;
      const result<void> attached = attach(made, routing_id, !routing_id.empty());
      if (!attached) return error(attached.error()).with_doing("connect").with_endpoint(where.text);
      if (known_as != nullptr) *known_as = made->routing_id;
    }
    try {
      binder = context_->inproc().connect(channel);
    } catch (...) {
      evict(made);
      throw;
    }
    last_endpoint_ = std::move(last);
    list_inproc(made);
    notify(direction::send);
  }
  if (binder && binder->accept_inproc(channel).code() == std::errc::not_enough_memory) throw std::bad_alloc();
  return {};
}

error socket_core::accept_inproc(const std::shared_ptr<inproc_channel>& channel) noexcept {
  std::optional<inproc_party> own;
  error refused;
  try {
    const hold lock(mutex_, owes_calls_);
    shared_options options = options_of_inproc(channel->name());
    own = describe(channel->endpoint(), *options);
    const result<void> admitted = admit_inproc(channel, *own, std::move(options));
    if (!admitted) refused = admitted.error();
  } catch (const std::bad_alloc&) {
    channel->close(inproc_side::binding);
    refused = out_of_memory();
  }
  if (const auto connector = channel->socket_of(inproc_side::connecting))
    connector->inproc_answered(*channel, own ? &*own : nullptr, refused);
  return refused;
}

result<void> socket_core::admit_inproc(const std::shared_ptr<inproc_channel>& channel,
                                       const inproc_party& own, shared_options options) {
  if (!usable()) {
    channel->close(inproc_side::binding);
    return errc::peer_disconnected;
  }
  const inproc_party& other = channel->connector();
  channel->answer(shared_from_this(), own);
  report_locked(event_kind::accepted,
                [&] { return event{.endpoint = channel->endpoint(), .peer_address = channel->endpoint()}; });
  const auto made = make_inproc_pipe(channel, inproc_side::binding, std::move(options));
  base::make_room_for_one(inproc_);
  // libzmq connects any two over inproc, and programs rely on it. But not of its drafts: what a type of
  // single frames receives from one that is none would have to be looked at.
  result<void> admitted;
  if (!context_->behaves_as_libzmq() || single_frames_ || pattern::has_single_frames(other.type))
    admitted = zmtp::check_socket_type(other.type, name_of(other.type), type_);
  if (admitted) admitted = attach(made, other.info->routing_id, false);
  if (!admitted) {
    channel->close(inproc_side::binding);
    report_locked(event_kind::handshake_failed, [&] {
      return event{
          .endpoint = channel->endpoint(), .peer_address = channel->endpoint(), .reason = admitted.error()};
    });
    return admitted;
  }
  list_inproc(made);
  if (!become_ready(made, own, other)) return out_of_memory();
  if (channel->is_closed(inproc_side::connecting)) end_inproc(made, errc::peer_disconnected);
  return {};
}

void socket_core::inproc_answered(inproc_channel& channel, const inproc_party* binder,
                                  const error& refused) noexcept {
  const hold lock(mutex_, owes_calls_);
  const auto found = std::ranges::find_if(inproc_, [&](const auto& each) {
    return each->inproc->channel.get() == &channel && each->inproc->side == inproc_side::connecting;
  });
  if (found == inproc_.end()) return;         // given up meanwhile, which the other side sees
  const std::shared_ptr<pipe> made = *found;  // NOLINT(performance-*): its place in the list may change
  report_locked(event_kind::connected, [&] {
    return event{.endpoint = channel.endpoint(), .peer_address = channel.endpoint(), .outgoing = true};
  });
  error reason = refused;
  with_memory(
      [&] {
        if (binder != nullptr) reason = answer_inproc(made, *binder, refused);
      },
      [&] { reason = out_of_memory(); });
  if (reason) {
    report_locked(event_kind::handshake_failed, [&] {
      return event{.endpoint = channel.endpoint(),
                   .peer_address = channel.endpoint(),
                   .reason = reason,
                   .outgoing = true};
    });
    count_drops(drop_reason::peer_gone, made->inproc->out.count(), made.get());
    end_inproc(made, reason);
    return;
  }
  if (!become_ready(made, channel.connector(), *binder)) return;
  if (channel.is_closed(inproc_side::binding)) end_inproc(made, errc::peer_disconnected);
}

/// Why the connection does not come about, if it does not.
error socket_core::answer_inproc(const std::shared_ptr<pipe>& made, const inproc_party& binder,
                                 const error& refused) {
  if (refused == errc::socket_type_mismatch)
    return zmtp::check_socket_type(binder.type, name_of(binder.type), type_).error();
  if (refused.code() == std::errc::not_enough_memory) return refused;
  if (refused) return error(errc::refused_by_peer).with_detail(refused.message());
  if (made->attached) return {};
  const bytes& assigned = made->inproc->assigned_id;
  const result<void> attached =
      attach(made, assigned.empty() ? binder.info->routing_id : assigned, !assigned.empty());
  return attached ? error() : attached.error();
}

/// Both sides are there: messages flow. False if there is no memory for it: then it is over.
bool socket_core::become_ready(const std::shared_ptr<pipe>& ready, const inproc_party& own,
                               const inproc_party& other) noexcept {
  inproc_end& end = *ready->inproc;
  bool tell = end.out.count() > 0;
  try {
    ready->sender = detail::peer_ref(other.info);
    if (inproc_conflates(own, other)) end.out.keep_newest_only();
    pattern_->for_each_subscription([&](std::span<const std::byte> topic) {
      tell = end.out.push(inproc_kind::subscribe, message(topic)) || tell;
      ++end.subscriptions_out;
    });
  } catch (const std::bad_alloc&) {
    end_inproc(ready, out_of_memory());
    return false;
  }
  end.ready = true;
  end.channel->end_of(end.side) = ready.get();
  ready->peer = other.info;
  ready->counters.connections = 1;
  ++ready_links_;
  report_locked(event_kind::handshake_done, [&] {
    return event{.endpoint = end.channel->endpoint(),
                 .peer_address = end.channel->endpoint(),
                 .peer = other.info,
                 .outgoing = end.side == inproc_side::connecting};
  });
  end.conflates = inproc_conflates(other, own);
  look_at_room(*ready, false);
  if (tell) owe_call(end);
  look_at_input(*ready);
  notify(direction::send);
  return true;
}

void socket_core::attend(inproc_channel& channel, inproc_side side) noexcept {
  const hold lock(mutex_, owes_calls_);
  pipe* const found = channel.end_of(side);
  if (found == nullptr) return;
  pipe& at = *found;
  look_at_room(at, channel.take_note_of_limit(side));
  if (channel.is_closed(other_of(side))) {
    end_inproc(inproc_[at.inproc->place], errc::peer_disconnected);
  } else {
    look_at_input(at);
  }
}

/// The other side has taken something, or the limit is another.
void socket_core::look_at_room(pipe& target, bool other_limit) noexcept {
  inproc_queue& out = target.inproc->out;
  if (target.full) {
    if (out.half_empty() || !out.full()) send_limits(*this).reopen(target);
  } else if (other_limit && out.full()) {
    send_limits(*this).become_full(target);
  }
}

/// There is room in the list.
void socket_core::list_inproc(const std::shared_ptr<pipe>& joining) noexcept {
  joining->inproc->place = inproc_.size();
  inproc_.push_back(joining);
}

/// The connection is over, whichever side ended it: what came in may still be taken.
void socket_core::end_inproc(const std::shared_ptr<pipe>& ending, const error& reason) noexcept {
  const std::shared_ptr<pipe> leaving = ending;  // NOLINT(performance-*): may be a place in the list
  inproc_end& end = *leaving->inproc;
  if (end.place >= inproc_.size() || inproc_[end.place] != leaving) return;  // it is over
  end.channel->close(end.side);
  if (end.ready) {
    --ready_links_;
    end.channel->end_of(end.side) = nullptr;
    report_locked(event_kind::disconnected, [&] {
      const std::string& endpoint = end.channel->endpoint();
      return event{.endpoint = endpoint,
                   .peer_address = endpoint,
                   .reason = error(reason).with_endpoint(endpoint).with_peer(endpoint),
                   .peer = leaving->peer,
                   .outgoing = end.side == inproc_side::connecting};
    });
  } else {
    abandon_inproc(*leaving);
  }
  owe_call(end);
  if (end.side == inproc_side::connecting)
    report_locked(event_kind::closed,
                  [&] { return event{.endpoint = end.channel->endpoint(), .outgoing = true}; });
  inproc_[end.place] = std::move(inproc_.back());
  inproc_[end.place]->inproc->place = end.place;
  inproc_.pop_back();
  if (!leaving->attached) {
    if (end.ready) count_drops(drop_reason::unexpected, end.in.waiting(), leaving.get());
    evict(leaving);
  } else {
    leaving->leaving = true;
    pattern_->shut(leaving->id);
    const bytes& words =
        end.side == inproc_side::connecting ? end.options->hiccup_message : end.options->disconnect_message;
    // The other side has closed its end and puts no more into its queue.
    if (!words.empty() && !closing_ && end.channel->is_closed(other_of(end.side)))
      with_memory([&] { static_cast<void>(end.in.push(inproc_kind::plain, message(words))); },
                  [&] { count_drops(drop_reason::no_memory, 1, leaving.get()); });
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

/// As `part_from`.
void socket_core::part_from_inproc(const std::shared_ptr<pipe>& leaving) noexcept {
  const std::shared_ptr<pipe> kept = leaving;  // NOLINT(performance-*): may be a place in the table
  end_inproc(kept, errc::closed);
  if (find(kept->id) == kept.get()) discard_inproc(*kept);
}

/// Nobody has bound the name, and the connecting side gives up: what it has sent is left with the context for
/// the linger time. If somebody is binding it just now, that one takes it.
void socket_core::abandon_inproc(pipe& waiting) noexcept {
  const auto now = context_->now();
  const auto keep_until = std::min(linger_until_, deadline_after(options_->linger, now));
  inproc_end& end = *waiting.inproc;
  const bool kept = end.out.count() > 0 && keep_until > now;
  if (!context_->inproc().abandon(*end.channel, kept ? keep_until : now, now) || kept) return;
  count_drops(drop_reason::closed, end.out.count(), &waiting);
  if (closing_) counted_.dropped_at_close += end.out.count();
}

bool socket_core::unbind_inproc(std::string_view endpoint) noexcept {
  constexpr std::string_view scheme = "inproc://";
  if (!endpoint.starts_with(scheme)) return false;
  const auto found = std::ranges::find(inproc_names_, endpoint.substr(scheme.size()), &inproc_name::text);
  if (found == inproc_names_.end()) return false;
  unbind_inproc_name(static_cast<std::size_t>(found - inproc_names_.begin()));
  return true;
}

void socket_core::unbind_inproc_name(std::size_t index) noexcept {
  const std::string name = std::exchange(inproc_names_[index], std::move(inproc_names_.back())).text;
  inproc_names_.pop_back();
  context_->inproc().unbind(name);
  // From the end, where those that end take the next to visit from.
  for (std::size_t i = inproc_.size(); i-- > 0;) {
    const std::shared_ptr<pipe> each = inproc_[i];
    const inproc_end& end = *each->inproc;
    if (end.side == inproc_side::binding && end.channel->name() == name) end_inproc(each, errc::closed);
  }
  report_locked(event_kind::closed, [&] { return event{.endpoint = "inproc://" + name}; });
}

bool socket_core::disconnect_inproc(std::string_view endpoint) noexcept {
  const auto found = std::find_if(inproc_.rbegin(), inproc_.rend(), [&](const auto& each) {
    return each->inproc->side == inproc_side::connecting && each->inproc->channel->endpoint() == endpoint;
  });
  if (found == inproc_.rend()) return false;
  if (context_->behaves_as_libzmq()) {
    part_from_inproc(*found);
  } else {
    end_inproc(*found, errc::closed);
  }
  return true;
}

void socket_core::close_inproc() noexcept {
  while (!inproc_names_.empty()) unbind_inproc_name(inproc_names_.size() - 1);
  while (!inproc_.empty()) end_inproc(std::shared_ptr<pipe>(inproc_.back()), errc::closed);
}

/// What the older connection of a peer has left unread comes first; one of the two, or both, is inproc.
void socket_core::inherit(pipe& heir, pipe& older) {
  std::deque<inproc_entry> unread;
  try {
    take_unread(older, unread);
    if (heir.inproc) {
      heir.inproc->inherited = std::move(unread);
      return;
    }
    for (; !unread.empty(); unread.pop_front()) {
      const std::vector<std::byte> encoded =
          encode(unread.front().what, unread.front().kind == inproc_kind::delimited);
      heir.in.push(bytes::copy(encoded), 1);
    }
  } catch (...) {
    count_drops(drop_reason::no_memory, unread.size(), &heir);
    throw;
  }
}

bool socket_core::waits_for_inproc_alone() {
  const std::lock_guard lock(mutex_);
  return speaks_inproc_ && everything_over();
}

}  // namespace monocoque::engine
