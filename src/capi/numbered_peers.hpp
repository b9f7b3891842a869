#pragma once

#include <monocoque/message.hpp>
#include <monocoque/socket_type.hpp>

namespace monocoque::capi {

/// Types whose messages have, inside, a frame in front that says by number which peer they are from or for.
[[nodiscard]] constexpr bool numbers_peers(socket_type type) noexcept {
  return type == socket_type::server || type == socket_type::peer;
}

/// Makes of what one socket has received what another is to send: one whose peers have no numbers sends none,
/// and from one that knows none a message is for nobody.
void readdress(message& what, socket_type from, socket_type to);

}  // namespace monocoque::capi
