#pragma once

#include "rivals/rival.hpp"

namespace bench {

/// The same peers for every rival: `what.senders` plain sockets that connect, go through the NULL handshake
/// as PUSH, and are counted in `ready`. Once `subscribed` is set, one in a hundred sends, in turn. Until
/// killed.
void be_many_peers(const duty& mine);

}  // namespace bench
