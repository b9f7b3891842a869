#include "pattern/server.hpp"

#include "pattern/seed.hpp"

#include <monocoque/routing_number.hpp>

namespace monocoque::pattern {

server::server(const settings& options)
    : addressing(options), next_(static_cast<std::uint32_t>(seed_from(options.seed) >> 32)) {}

attach_verdict server::attach(peer_id peer, const peer_description&) {
  return introduce(peer, unused_id(), false);
}

bytes server::unused_id() {
  for (;;) {
    const std::uint32_t number = next_++;
    bytes id = routing_id_frame(number);
    if (number != 0 && !find(id.span()).valid()) return id;
  }
}

}  // namespace monocoque::pattern
