#include <monocoque/sockets.hpp>

#include "api/socket_access.hpp"
#include "engine/socket_core.hpp"

namespace monocoque {

result<void> sub::subscribe(as_result_tag, std::string_view topic) {
  return core_ ? core_->subscribe(topic, true) : moved_from("subscribe");
}
result<void> sub::unsubscribe(as_result_tag, std::string_view topic) {
  return core_ ? core_->subscribe(topic, false) : moved_from("unsubscribe");
}

result<void> xsub::subscribe(as_result_tag, std::string_view topic) {
  return core_ ? core_->subscribe(topic, true) : moved_from("subscribe");
}
result<void> xsub::unsubscribe(as_result_tag, std::string_view topic) {
  return core_ ? core_->subscribe(topic, false) : moved_from("unsubscribe");
}

result<void> xpub::subscribe_last_peer(as_result_tag, std::string_view topic) {
  return core_ ? core_->subscribe_last_peer(topic, true) : moved_from("subscribe the last peer");
}
result<void> xpub::unsubscribe_last_peer(as_result_tag, std::string_view topic) {
  return core_ ? core_->subscribe_last_peer(topic, false) : moved_from("unsubscribe the last peer");
}

result<void> server::disconnect_peer(as_result_tag, std::uint32_t routing_id) {
  if (!core_) return moved_from("disconnect a peer");
  return core_->disconnect_peer(routing_id);
}

result<std::uint32_t> peer::connect_peer(as_result_tag, std::string_view endpoint) {
  if (!core_) return moved_from("connect");
  return core_->connect_peer(endpoint);
}
result<void> peer::disconnect_peer(as_result_tag, std::uint32_t routing_id) {
  if (!core_) return moved_from("disconnect a peer");
  return core_->disconnect_peer(routing_id);
}

result<void> dish::join(as_result_tag, std::string_view group) {
  return core_ ? core_->subscribe(group, true) : moved_from("join");
}
result<void> dish::leave(as_result_tag, std::string_view group) {
  return core_ ? core_->subscribe(group, false) : moved_from("leave");
}

bytes stream::last_routing_id() const { return live().last_routing_id(); }

}  // namespace monocoque
