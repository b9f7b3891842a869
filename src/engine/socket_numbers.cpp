// Peers known by a number: SERVER and PEER.

#include "engine/link.hpp"
#include "engine/socket_core.hpp"

#include <monocoque/routing_number.hpp>

#include <mutex>
#include <string>

namespace monocoque::engine {

result<std::uint32_t> socket_core::connect_peer(std::string_view endpoint) {
  if (current_options()->immediate) {
    error refused(make_error_code(errc::not_supported),
                  "with option immediate no peer is known before it is there");
    return std::move(refused).with_doing("connect").with_endpoint(std::string(endpoint));
  }
  bytes known_as;
  if (result<void> done = connect(endpoint, {}, &known_as); !done) return std::move(done).error();
  return routing_id_of(message(std::move(known_as)));
}

result<void> socket_core::disconnect_peer(std::uint32_t routing_id) {
  const hold lock(mutex_, owes_calls_);
  if (!usable()) return why_unusable("disconnect a peer", last_endpoint_);
  const pipe* const found = find(pattern_->find(routing_id_frame(routing_id).span()));
  if (found == nullptr || found->leaving || found->sends_no_more)
    return error(errc::unroutable).with_doing("disconnect a peer").with_peer(std::to_string(routing_id));
  part_from(found->id);
  return {};
}

}  // namespace monocoque::engine
