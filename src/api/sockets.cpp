#include <monocoque/sockets.hpp>

#include "engine/socket_core.hpp"

namespace monocoque {

result<void> sub::subscribe(as_result_tag, std::string_view topic) { return core_->subscribe(topic, true); }
result<void> sub::unsubscribe(as_result_tag, std::string_view topic) {
  return core_->subscribe(topic, false);
}

result<void> xsub::subscribe(as_result_tag, std::string_view topic) { return core_->subscribe(topic, true); }
result<void> xsub::unsubscribe(as_result_tag, std::string_view topic) {
  return core_->subscribe(topic, false);
}

result<void> xpub::subscribe_last_peer(as_result_tag, std::string_view topic) {
  return core_->subscribe_last_peer(topic, true);
}
result<void> xpub::unsubscribe_last_peer(as_result_tag, std::string_view topic) {
  return core_->subscribe_last_peer(topic, false);
}

}  // namespace monocoque
