#pragma once

#include <monocoque/option_names.hpp>

#include <span>
#include <string>
#include <string_view>

namespace monocoque::engine {

/// What there is to know of one option of sockets. The one table of them is behind check_options, set_option
/// and describe_options.
struct option_rule {
  std::string_view name;                            ///< of the member
  std::string_view meaning;                         ///< one line
  std::string_view range;                           ///< "0 or more bytes"; empty: any value
  bool is_secret = false;                           ///< its value is not to be shown
  unsigned types = ~0U;                             ///< that have it, a bit each
  bool (*is_legal)(const socket_options&);          ///< null: any value is
  bool (*is_set)(const socket_options&);            ///< not the default; of what only some types have
  bool (*read)(std::string_view, socket_options&);  ///< false: that is none, and nothing has changed
  std::string (*default_value)();
  std::string (*form)();  ///< what `read` takes, behind "must be"

  [[nodiscard]] constexpr bool is_of(socket_type type) const noexcept {
    return (types >> static_cast<unsigned>(type) & 1U) != 0;
  }
};

/// In the order of socket_options.
[[nodiscard]] std::span<const option_rule> option_rules() noexcept;

/// True for what may be the routing id of a peer, or for none.
[[nodiscard]] bool is_routing_id(const bytes& id) noexcept;
inline constexpr std::string_view routing_id_range = "up to 255 bytes not starting with 0";

}  // namespace monocoque::engine
