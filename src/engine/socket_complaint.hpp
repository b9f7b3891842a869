#pragma once

#include <monocoque/detail/socket_operation.hpp>
#include <monocoque/error.hpp>
#include <monocoque/socket_type.hpp>

#include <string_view>

namespace monocoque::engine {

/// Why a send or a receive that failed so was wrong of the caller; empty if the code alone says it.
[[nodiscard]] std::string_view explanation(errc code, socket_type type, direction doing) noexcept;

}  // namespace monocoque::engine
