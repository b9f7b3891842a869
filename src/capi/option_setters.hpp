#pragma once

#include "capi/option_table.hpp"

namespace monocoque::capi {

// How options are set that are alike no others: as option_row::set.

/// HOST:PORT, or nothing at all; an empty text is neither.
[[nodiscard]] bool set_socks_proxy(settings& in, option_value value);
[[nodiscard]] bool set_routing_id(settings& in, option_value value);
[[nodiscard]] bool set_connect_routing_id(settings& in, option_value value);
[[nodiscard]] bool set_max_message_size(settings& in, option_value value);
[[nodiscard]] bool set_busy_poll(settings& in, option_value value);
/// Types that cannot do it take it all the same.
[[nodiscard]] bool set_conflate(settings& in, option_value value);
/// 1 to 255 octets, which end at the first 0.
[[nodiscard]] bool set_zap_domain(settings& in, option_value value);
[[nodiscard]] bool set_router_notify(settings& in, option_value value);
[[nodiscard]] bool set_ipv4_only(settings& in, option_value value);
/// "X-Name:value", of which neither is empty.
[[nodiscard]] bool add_metadata(settings& in, option_value value);
[[nodiscard]] bool set_reconnect_stop(settings& in, option_value value);
[[nodiscard]] bool set_affinity(settings& in, option_value value);
/// Adds a network; nothing at all: there is none any more.
[[nodiscard]] bool add_accept_filter(settings& in, option_value value);
/// Told to the peer in tenths of a second.
[[nodiscard]] bool set_heartbeat_ttl(settings& in, option_value value);

}  // namespace monocoque::capi
