#include "pattern/xpub.hpp"

#include "pattern/seed.hpp"
#include "pattern/subscription_message.hpp"

#include <new>
#include <string>
#include <utility>

namespace monocoque::pattern {

using change = subscription_index::change;

namespace {

bool is_manual(const settings& options) { return options.xpub_manual || options.xpub_manual_last_value; }

}  // namespace

xpub::xpub(const settings& options)
    : pub(options), manual_(is_manual(options)), requested_(seed_from(options.seed)) {}

void xpub::change_settings(const settings& options) {
  if (is_manual(options) != manual_) {
    subscription_index requested = manual_ ? subscription_index(seed_from(options.seed)) : index_;
    count_all(index_);
    requested_ = std::move(requested);
    manual_ = !manual_;
    last_ = {};
  }
  pub::change_settings(options);
}

void xpub::detach(peer_id peer) {
  if (!peers_.attached(peer)) return;
  const bool each = manual_ || options_.xpub_verboser;
  subscription_index& told = manual_ ? requested_ : index_;
  try {
    told.remove_peer(peer.slot, [&](std::span<const std::byte> topic, bool last) {
      if (last || each) tell(peer, false, topic);
    });
  } catch (const std::bad_alloc&) {
    told.remove_peer(peer.slot);  // and the application is not told of the rest
  }
  if (peer == last_) last_ = {};
  pub::detach(peer);
}

send_verdict xpub::route_by_topic(std::span<const std::byte> first) {
  if (!options_.xpub_manual_last_value || !last_.valid()) return pub::route_by_topic(first);
  // The first message after a subscription is for the new subscriber alone: the others had it before.
  const auto topics = index_.match(first);
  bool matching = false;
  for (const auto topic : topics) {
    index_.for_each_peer(topic, [&](std::uint32_t slot) { matching = matching || slot == last_.slot; });
  }
  peers_.clear();
  if (matching != options_.invert_matching) peers_.select(last_.slot);
  forget_selection();
  const send_verdict verdict = verdict_of_selection();
  if (verdict.kind != send_kind::would_block) last_ = {};
  return verdict;
}

send_kind xpub::would_route(std::span<const std::byte> first) {
  const peer_id last = last_;
  const send_kind kind = pub::would_route(first);
  last_ = last;
  return kind;
}

receive_verdict xpub::admit(peer_id peer, frame_cursor& received) {
  if (!peers_.attached(peer)) return {.kind = receive_kind::drop};
  std::optional<message> rest_of_it;
  bool looks = true;
  for (bool more = true, is_first = true; more; is_first = false) {
    const base::wire::frame frame = received.next();
    more = frame.more;
    if (is_first) looks = may_hold_subscriptions(frame.payload, options_.only_first_subscribe);
    if (const auto request = looks ? parse_subscription(frame.payload) : std::nullopt) {
      if (!handle_subscription(peer, request->add, request->topic))
        return {.kind = receive_kind::refuse, .reason = errc::limit_reached};
    } else if (rest_of_it) {
      rest_of_it->push_back(bytes::copy(frame.payload));
    } else {
      rest_of_it.emplace(bytes::copy(frame.payload));
    }
  }
  if (!rest_of_it) return {.kind = receive_kind::consumed};
  keep({std::move(*rest_of_it), peer, false});
  return {.kind = receive_kind::deliver};
}

bool xpub::on_subscription(peer_id peer, bool add, const bytes& topic) {
  return !peers_.attached(peer) || handle_subscription(peer, add, topic);
}

bool xpub::handle_subscription(peer_id peer, bool add, std::span<const std::byte> topic) {
  if (manual_) {
    const change what = apply(requested_, peer, topic, add);
    tell(peer, add, topic);
    return count(peer, topic.size(), what);
  }
  const change what = subscribe_peer(peer, topic, add);
  const bool verbose = options_.xpub_verboser || (add && options_.xpub_verbose);
  if (verbose || what == change::topic_added || what == change::topic_removed) tell(peer, add, topic);
  return count(peer, topic.size(), what);
}

void xpub::keep(local_message what) {
  const std::size_t size = what.content.byte_count();
  local_.push_back(std::move(what));
  local_bytes_ += size;
}

void xpub::tell(peer_id peer, bool add, std::span<const std::byte> topic) {
  std::string text(1, add ? '\1' : '\0');
  text.append(reinterpret_cast<const char*>(topic.data()), topic.size());
  keep({message(bytes::adopt(std::move(text))), peer, true});
}

std::optional<message> xpub::take_local() {
  if (local_.empty()) return std::nullopt;
  local_message next = std::move(local_.front());
  local_.pop_front();
  local_bytes_ -= next.content.byte_count();
  source_ = next.subscriber;
  if (manual_ && next.subscription) {
    last_ = peers_.attached(next.subscriber) ? next.subscriber : peer_id{};
    forget_selection();
  }
  return std::move(next.content);
}

result<void> xpub::subscribe_last_peer(std::span<const std::byte> topic, bool add) {
  if (!manual_)
    return error(make_error_code(errc::not_supported), "report_subscriptions must be manual or last_value");
  // Nothing to do if it has gone meanwhile; that is not the caller's mistake.
  if (last_.valid()) subscribe_peer(last_, topic, add);
  return {};
}

}  // namespace monocoque::pattern
