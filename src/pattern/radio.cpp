#include "pattern/radio.hpp"

#include "base/make_room.hpp"
#include "pattern/group_message.hpp"

namespace monocoque::pattern {
namespace {

/// Of what publishers have, groups know the bounds, and whether a full peer is waited for.
settings of_radio(const settings& options) {
  settings own = options;
  own.invert_matching = false;
  own.subscriptions_as_libzmq = false;  // its radios count, too
  return own;
}

}  // namespace

radio::radio(const settings& options) : pub(of_radio(options), topic_is::whole) {}

void radio::change_settings(const settings& options) { pub::change_settings(of_radio(options)); }

attach_verdict radio::attach(peer_id peer, const peer_description& description) {
  if (peers_.attached(peer)) return {};
  if (description.takes_all) base::make_room_for_one(takers_of_all_);
  attach_verdict verdict = pub::attach(peer, description);
  if (description.takes_all) takers_of_all_.push_back(peer);
  return verdict;
}

void radio::detach(peer_id peer) {
  std::erase(takers_of_all_, peer);
  pub::detach(peer);
}

send_verdict radio::route(std::span<const bytes> frames) {
  if (frames.size() != frames_with_group || frames.front().size() > max_group_size)
    return {.kind = send_kind::invalid};
  return route_to_group(frames.front().span());
}

send_verdict radio::route_by_topic(std::span<const std::byte>) { return {.kind = send_kind::invalid}; }

send_verdict radio::route_to_group(std::span<const std::byte> group) {
  const auto joined = index_.match_whole(group);
  if (takers_of_all_.empty()) return route_to(joined);
  forget_selection();
  peers_.clear();
  for (const auto topic : joined) {
    index_.for_each_peer(topic, [&](std::uint32_t slot) { peers_.select(slot); });
  }
  for (const peer_id peer : takers_of_all_) peers_.select(peer.slot);
  return verdict_of_selection();
}

send_kind radio::would_route(std::span<const std::byte> first) {
  if (first.size() > max_group_size) return send_kind::invalid;
  return options_.xpub_no_drop ? route_to_group(first).kind : send_kind::pass;
}

receive_verdict radio::admit(peer_id, frame_cursor&) { return {.kind = receive_kind::consumed}; }

}  // namespace monocoque::pattern
