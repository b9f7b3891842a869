#include "pattern/xsub.hpp"

#include "pattern/seed.hpp"
#include "pattern/subscription_message.hpp"

namespace monocoque::pattern {

using change = subscription_index::change;

xsub::xsub(const settings& options) : xsub(options, traits{}) {}

xsub::xsub(const settings& options, traits has)
    : pattern(has),
      index_(seed_from(options.seed)),
      as_libzmq_(options.subscriptions_as_libzmq),
      every_cancellation_(options.xsub_verbose_unsubscribe),
      only_first_(options.only_first_subscribe) {}

void xsub::change_settings(const settings& options) {
  every_cancellation_ = options.xsub_verbose_unsubscribe;
  only_first_ = options.only_first_subscribe;
}

attach_verdict xsub::attach(peer_id peer, const peer_description&) {
  readable_.attach(peer);
  peers_.attach(peer);
  find_sole_source();
  return {};
}

void xsub::detach(peer_id peer) {
  readable_.detach(peer);
  peers_.detach(peer);
  find_sole_source();
}

void xsub::set_writable(peer_id peer, bool writable) { peers_.set_writable(peer, writable); }

void xsub::set_readable(peer_id peer, bool readable) {
  readable_.set_active(peer, readable);
  find_sole_source();
}

void xsub::find_sole_source() noexcept {
  const peer_id sole = readable_.sole();
  sole_source_ = filter_ == filter::none ? sole : peer_id{};
  sole_filtered_source_ = filter_ == filter::first_frame ? sole : peer_id{};
}

send_verdict xsub::route(std::span<const bytes> frames) {
  if (frames.size() == 1) {
    if (const auto request = parse_subscription(frames.front()))
      return xsub::subscribe(request->topic, request->add);
  }
  const bool has_some = !frames.empty() && may_hold_subscriptions(frames.front(), only_first_);
  for (const bytes& frame : has_some ? frames : std::span<const bytes>()) {
    if (const auto request = parse_subscription(frame))
      static_cast<void>(count(request->topic, request->add));
  }
  peers_.clear();
  peers_.select_rest();
  const auto to = peers_.selected();
  return {.kind = to.empty() ? send_kind::drop : send_kind::pass,
          .to = to,
          .dropped = peers_.full(),
          .full = peers_.full_peers()};
}

send_kind xsub::would_route(std::span<const std::byte>) { return send_kind::pass; }

peer_id xsub::next_source() { return readable_.current(); }

receive_verdict xsub::admit(peer_id peer, frame_cursor&) {
  readable_.pass_turn(peer);
  return {.kind = readable_.attached(peer) ? receive_kind::deliver : receive_kind::drop};
}

bool xsub::can_receive() const { return !readable_.empty(); }

/// True if the peers are to be told.
bool xsub::count(std::span<const std::byte> topic, bool add) {
  const change what = add ? index_.add(topic, self) : index_.remove(topic, self);
  if (add) return as_libzmq_ || every_cancellation_ || what == change::topic_added;
  return every_cancellation_ || what == change::topic_removed;
}

send_verdict xsub::subscribe(std::span<const std::byte> topic, bool add) {
  if (!count(topic, add)) return {.kind = send_kind::consumed};
  return {.kind = send_kind::subscription, .to = peers_.all(), .add = add, .topic = topic};
}

void xsub::for_each_subscription(const std::function<void(std::span<const std::byte>)>& visit) const {
  index_.for_each_topic(self, visit);
}

sub::sub(const settings& options)
    : xsub(options, {.is_selective = true}), inverted_(options.invert_matching) {
  filter_by(filters() ? filter::first_frame : filter::none);
}

void sub::change_settings(const settings& options) {
  xsub::change_settings(options);
  inverted_ = options.invert_matching;
  filter_by(filters() ? filter::first_frame : filter::none);
}

send_verdict sub::route(std::span<const bytes>) { return {.kind = send_kind::not_supported}; }

send_kind sub::would_route(std::span<const std::byte>) { return send_kind::not_supported; }

receive_verdict sub::admit(peer_id peer, frame_cursor& received) {
  const receive_verdict verdict = xsub::admit(peer, received);
  if (verdict.kind != receive_kind::deliver) return verdict;
  return {.kind = lets_in(received.peek().payload) ? receive_kind::deliver : receive_kind::drop};
}

bool sub::lets_in(std::span<const std::byte> first) const {
  return (everything_ || index_.matches(first)) != inverted_;
}

bool sub::foresee(std::span<const std::byte> first) const {
  if (!index_.is_far()) return false;
  index_.prefetch(first);
  return true;
}

send_verdict sub::subscribe(std::span<const std::byte> topic, bool add) {
  const send_verdict verdict = xsub::subscribe(topic, add);
  everything_ = index_.has_topic({});
  filter_by(filters() ? filter::first_frame : filter::none);
  return verdict;
}

}  // namespace monocoque::pattern
