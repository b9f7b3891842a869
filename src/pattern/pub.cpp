#include "pattern/pub.hpp"

#include "pattern/seed.hpp"
#include "pattern/subscription_message.hpp"

#include <algorithm>
#include <utility>

namespace monocoque::pattern {

using change = subscription_index::change;

pub::pub(const settings& options) : pub(options, topic_is::beginning) {}

pub::pub(const settings& options, topic_is of_message)
    : pattern({.routes_by_topic = true}),
      options_(options),
      index_(seed_from(options.seed)),
      topics_(of_message) {}

void pub::change_settings(const settings& options) {
  const bool as_libzmq = options_.subscriptions_as_libzmq;
  options_ = options;
  options_.subscriptions_as_libzmq = as_libzmq;
  forget_selection();
  blocked_ = false;
}

attach_verdict pub::attach(peer_id peer, const peer_description& description) {
  if (peers_.attached(peer)) return {};
  if (const auto older = peers_.tenant(peer.slot)) detach(*older);
  peers_.attach(peer);
  if (peer.slot >= shares_.size()) shares_.resize(peer.slot + std::size_t{1});
  shares_[peer.slot] = {.unlimited = description.unlimited};
  forget_selection();
  attach_verdict verdict;
  if (!options_.xpub_welcome.empty()) verdict.greetings.emplace_back(options_.xpub_welcome);
  return verdict;
}

void pub::detach(peer_id peer) {
  if (!peers_.attached(peer)) return;
  index_.remove_peer(peer.slot);
  peers_.detach(peer);
  forget_selection();
  blocked_ = false;
}

void pub::set_writable(peer_id peer, bool writable) {
  if (!peers_.set_writable(peer, writable)) return;
  forget_selection();
  blocked_ = false;
}

void pub::set_readable(peer_id, bool) {}

send_verdict pub::route(std::span<const bytes> frames) {
  return route_by_topic(frames.empty() ? std::span<const std::byte>{} : frames.front().span());
}

send_verdict pub::route_by_topic(std::span<const std::byte> first) { return route_to(index_.match(first)); }

send_verdict pub::route_to(std::span<const subscription_index::topic_id> topics) {
  if (topics.empty() && !options_.invert_matching) return {.kind = send_kind::drop};
  if (changed_ || !selects_the_same(topics)) {
    if (turns_to_one(topics)) return verdict_of_one();
    select(topics);
  }
  send_verdict verdict = verdict_of_selection();
  if (verdict.kind == send_kind::pass) {
    verdict.selection = selection_;
    verdict.for_any_message = for_any_message_;
  }
  return verdict;
}

bool pub::selects_the_same(std::span<const subscription_index::topic_id> topics) const {
  if (std::ranges::equal(topics, last_topics_)) return true;
  // One who has many topics, perhaps one for each message.
  return topics.size() == 1 && only_slot_ != subscription_index::nobody &&
         index_.only_peer(topics.front()) == only_slot_ && !options_.invert_matching;
}

/// True if it is for one peer and the last such message was for another: a selection would not last. The one
/// that there is stays.
bool pub::turns_to_one(std::span<const subscription_index::topic_id> topics) {
  if (topics.size() != 1 || options_.invert_matching) return false;
  const std::uint32_t slot = index_.only_peer(topics.front());
  if (slot == subscription_index::nobody || slot == one_.slot) return false;
  const auto peer = peers_.tenant(slot);
  if (!peer) return false;
  const bool turned = one_.valid();
  one_ = *peer;
  return turned;
}

send_verdict pub::verdict_of_one() {
  if (peers_.writable(one_)) return {.kind = send_kind::pass, .to = std::span(&one_, 1)};
  if (!options_.xpub_no_drop) return {.kind = send_kind::drop, .dropped = 1};
  blocked_ = true;
  return {.kind = send_kind::would_block};
}

void pub::select(std::span<const subscription_index::topic_id> topics) {
  forget_selection();  // until there is another
  peers_.clear();
  const bool inverted = options_.invert_matching;
  for (const auto topic : topics) {
    index_.for_each_peer(topic, [&](std::uint32_t slot) {
      if (inverted) {
        peers_.exclude(slot);
      } else {
        peers_.select(slot);
      }
    });
  }
  if (inverted) peers_.select_rest();
  last_topics_.assign(topics.begin(), topics.end());
  changed_ = false;
  ++selection_;
  only_slot_ = topics.size() == 1 ? index_.only_peer(topics.front()) : subscription_index::nobody;
  for_any_message_ =
      topics_ == topic_is::beginning && index_.topic_count() == (index_.has_topic({}) ? 1U : 0U);
  const auto to = peers_.selected();
  const bool sole = for_any_message_ && to.size() == 1 && peers_.full() == 0;
  sole_target_ = sole ? to.front() : peer_id{};
}

send_verdict pub::verdict_of_selection() {
  if (options_.xpub_no_drop && peers_.full() != 0) {
    blocked_ = true;
    return {.kind = send_kind::would_block};
  }
  const auto to = peers_.selected();
  return {.kind = to.empty() ? send_kind::drop : send_kind::pass,
          .to = to,
          .dropped = peers_.full(),
          .full = peers_.full_peers()};
}

/// Only a message that may have to wait for somebody needs to be matched.
send_kind pub::would_route(std::span<const std::byte> first) {
  return options_.xpub_no_drop ? route_by_topic(first).kind : send_kind::pass;
}

bool pub::can_send() const { return !blocked_; }

peer_id pub::next_source() { return {}; }

receive_verdict pub::admit(peer_id peer, frame_cursor& received) {
  bool looks = true;
  for (bool more = true, is_first = true; more; is_first = false) {
    const base::wire::frame frame = received.next();
    more = frame.more;
    if (is_first) looks = may_hold_subscriptions(frame.payload, options_.only_first_subscribe);
    if (!looks) continue;
    if (const auto request = parse_subscription(frame.payload)) {
      const change what = subscribe_peer(peer, request->topic, request->add);
      if (!count(peer, request->topic.size(), what))
        return {.kind = receive_kind::refuse, .reason = errc::limit_reached};
    }
  }
  return {.kind = receive_kind::consumed};
}

bool pub::on_subscription(peer_id peer, bool add, const bytes& topic) {
  return count(peer, topic.size(), subscribe_peer(peer, topic, add));
}

void pub::count_all(const subscription_index& in) {
  std::vector<share> counted(shares_.size());
  for (std::uint32_t slot = 0; slot < counted.size(); ++slot) {
    share& its = counted[slot];
    its.unlimited = shares_[slot].unlimited;
    in.for_each_topic(slot, [&](std::span<const std::byte> topic) {
      ++its.topics;
      its.size += topic.size();
    });
  }
  shares_ = std::move(counted);
}

bool pub::count(peer_id peer, std::size_t topic_size, change what) {
  if (what == change::not_found || what == change::counted) return true;
  share& its = shares_[peer.slot];
  if (what == change::topic_added || what == change::peer_added) {
    ++its.topics;
    its.size += topic_size;
  } else {
    --its.topics;
    its.size -= topic_size;
  }
  if (its.unlimited) return true;
  return (options_.max_subscriptions == 0 || its.topics <= options_.max_subscriptions) &&
         (options_.max_subscription_size == 0 || its.size <= options_.max_subscription_size);
}

change pub::apply(subscription_index& to, peer_id peer, std::span<const std::byte> topic, bool add) const {
  if (add) return to.add(topic, peer.slot);
  return options_.subscriptions_as_libzmq ? to.forget(topic, peer.slot) : to.remove(topic, peer.slot);
}

change pub::subscribe_peer(peer_id peer, std::span<const std::byte> topic, bool add) {
  if (!peers_.attached(peer)) return change::not_found;
  forget_selection();
  blocked_ = false;
  return apply(index_, peer, topic, add);
}

}  // namespace monocoque::pattern
