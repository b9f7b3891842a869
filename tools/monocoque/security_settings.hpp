#pragma once

#include "settings.hpp"

#include <monocoque/options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// What says how a socket and its peers prove who they are, as it was typed (`--server-key` and so on).
/// Whoever reads the arguments has seen that they make sense together.
struct security_settings {
  std::string prefix{};                   ///< of the options' names: "frontend-"
  std::optional<std::string> server_key;  ///< CURVE client: 40 characters of Z85, or a file
  bool curve_server = false;
  std::optional<std::string> key;         ///< file with the secret key of either
  std::optional<std::string> allow_keys;  ///< CURVE server: folder
  std::optional<std::string> plain;       ///< PLAIN client: USER:PASSWORD
  std::optional<std::string> plain_file;  ///< or a file that says it
  bool plain_server = false;
  std::optional<std::string> passwords;  ///< PLAIN server: file
  std::vector<std::string> allowed_addresses, denied_addresses;

  /// The option's name in full: "--frontend-key" for "key".
  [[nodiscard]] std::string name_of(std::string_view option) const;
  [[nodiscard]] bool are_given() const noexcept;
  [[nodiscard]] bool make_client() const noexcept { return server_key || plain || plain_file; }
};

/// A name and a password, for a PLAIN client that was not told any: MONOCOQUE_PLAIN.
inline constexpr const char* plain_variable = "MONOCOQUE_PLAIN";
/// If it is set and neither these settings nor `others` say how the socket proves who it is, what it says.
void take_from_environment(security_settings& into, const setting_list& others);

/// Sets options `security` and `authenticate`. What is wrong in a folder of keys is said on standard error.
/// Throws wrong_usage, also if `others` (-o) set `security` too; monocoque::exception and std::exception for
/// files that cannot be read.
void apply(const security_settings& settings, const setting_list& others, monocoque::socket_options& to);

}  // namespace tool
