#include "pattern/dish.hpp"

#include "pattern/group_message.hpp"

namespace monocoque::pattern {

dish::dish(const settings& options) : xsub(options, {.is_selective = true}) { filter_by(filter::all_frames); }

send_verdict dish::route(std::span<const bytes>) { return {.kind = send_kind::not_supported}; }

send_kind dish::would_route(std::span<const std::byte>) { return send_kind::not_supported; }

receive_verdict dish::admit(peer_id peer, frame_cursor& received) {
  const receive_verdict verdict = xsub::admit(peer, received);
  if (verdict.kind != receive_kind::deliver) return verdict;
  frame_cursor look = received;
  const base::wire::frame group = look.next();
  if (!group.more || look.next().more) return {.kind = receive_kind::refuse};
  return {.kind = lets_in(group.payload) ? receive_kind::deliver : receive_kind::drop};
}

bool dish::lets_in(std::span<const std::byte> first) const { return index_.has_topic(first); }

send_verdict dish::subscribe(std::span<const std::byte> topic, bool add) {
  if (topic.size() > max_group_size || index_.has_topic(topic) == add) return {.kind = send_kind::invalid};
  return xsub::subscribe(topic, add);
}

}  // namespace monocoque::pattern
