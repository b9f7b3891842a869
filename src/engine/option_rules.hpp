#pragma once

#include <monocoque/options.hpp>
#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>

namespace monocoque::engine {

/// Errors: invalid_argument for a value out of its range, not_supported for an option this type of socket
/// does not have. The detail names the option.
[[nodiscard]] result<void> check_options(socket_type type, const socket_options& options);

}  // namespace monocoque::engine
