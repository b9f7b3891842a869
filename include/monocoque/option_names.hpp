#pragma once

#include <monocoque/options.hpp>
#include <monocoque/result.hpp>
#include <monocoque/socket_type.hpp>

#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace monocoque {

/// One of the options of sockets, for whoever has its name and value as text: a command line, a file of
/// settings.
struct option_description {
  std::string_view name;           ///< of the member of socket_options: "heartbeat_interval"
  std::string_view meaning;        ///< one line
  std::string form;                ///< what set_option reads: "a time, such as 250ms, ..."
  std::string_view range;          ///< "0 (no heartbeats) to a year"; empty: any value of that form
  std::string default_value;       ///< as set_option reads it, but for "none", which is nothing
  std::vector<socket_type> types;  ///< that have it
};
/// All, in the order of socket_options.
[[nodiscard]] std::vector<option_description> describe_options();

/// Sets the option that is called `name` ('-' counts as '_'). What it reads depends on the option's type:
/// times with their unit (250ms, 30s, 5min, 1h, infinite; 0 and -1 may go without), numbers (k, M, G: times
/// 1024, its square and cube), on or off, names of values as in C++, text in which \xNN is a byte and \\ a
/// backslash, `system` for what is left to the system. `metadata` adds one property, NAME:VALUE.
/// Ranges are checked by check_options, and when a socket is made.
/// Throws monocoque::exception, errc::invalid_argument: the detail says what is wrong, and which names are
/// like one that there is not.
void set_option(socket_options& in, std::string_view name, std::string_view value);
result<void> set_option(as_result_tag, socket_options& in, std::string_view name, std::string_view value);

/// What making a socket of that type checks: errc::invalid_argument for a value out of its range,
/// errc::not_supported for an option that the type does not have. The detail names the option.
[[nodiscard]] result<void> check_options(socket_type type, const socket_options& options);

}  // namespace monocoque

#pragma GCC visibility pop
