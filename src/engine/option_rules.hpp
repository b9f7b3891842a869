#pragma once

#include <monocoque/options.hpp>
#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>

#include <string_view>

namespace monocoque::engine {

/// Errors: invalid_argument for a value out of its range, not_supported for an option this type of socket
/// does not have. The detail names the option.
[[nodiscard]] result<void> check_options(socket_type type, const socket_options& options);

/// True for what may be the routing id of a peer, or for none.
[[nodiscard]] bool is_routing_id(const bytes& id) noexcept;
inline constexpr std::string_view routing_id_range = "up to 255 bytes not starting with 0";

}  // namespace monocoque::engine
