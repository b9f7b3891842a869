#include "security_settings.hpp"

#include "exit_status.hpp"
#include "output.hpp"
#include "secret_input.hpp"

#include <monocoque/authenticators.hpp>
#include <monocoque/key_file.hpp>
#include <monocoque/security.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace tool {
namespace {

namespace mq = monocoque;

constexpr std::size_t longest_credential = 255;  // RFC 24

bool set_security(const setting_list& settings) {
  return std::ranges::any_of(settings, [](const std::string& each) { return each.starts_with("security="); });
}

// A path may look like a key, but who names a key file that is there means it.
bool is_file(const std::string& text) {
  if (text.size() == mq::curve_public_key::z85_size && !text.ends_with(".key") &&
      !text.ends_with(".key_secret"))
    return false;
  std::error_code ignored;
  return std::filesystem::exists(text, ignored);
}

mq::curve_public_key server_key(const security_settings& from) {
  const std::string& text = *from.server_key;
  if (is_file(text)) return mq::load_public_key(text).public_key;
  const auto key = mq::curve_public_key::from_z85(mq::as_result, text);
  if (key && !key->empty()) return *key;
  throw wrong_usage(fmt::format("{} '{}': {}, and there is no such file", from.name_of("server-key"), text,
                                key ? "32 zeros are no key" : key.error().detail()));
}

mq::curve_keypair own_keys(const security_settings& from) {
  if (!from.key) return mq::curve_keypair::generate();
  const mq::key_file file = mq::load_secret_key(*from.key);
  return {file.public_key, file.secret_key};
}

/// `where` it comes from is all that is said of it if it is wrong.
mq::plain_client read_credentials(std::string_view text, std::string_view where) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) throw wrong_usage(fmt::format("{}: USER:PASSWORD is needed", where));
  mq::plain_client read{.username = std::string(text.substr(0, colon)),
                        .password = std::string(text.substr(colon + 1))};
  if (read.username.size() > longest_credential || read.password.size() > longest_credential) {
    throw wrong_usage(
        fmt::format("{}: a name and a password have at most {} bytes", where, longest_credential));
  }
  return read;
}

mq::plain_client own_credentials(const security_settings& from) {
  if (from.plain) return read_credentials(*from.plain, from.name_of("plain"));
  return read_credentials(read_private_line(*from.plain_file),
                          fmt::format("{} {}", from.name_of("plain-file"), *from.plain_file));
}

mq::security_mechanism mechanism(const security_settings& from) {
  if ((from.server_key || from.curve_server) && !mq::has_curve()) {
    throw wrong_usage(fmt::format("{}: this program was built without CURVE",
                                  from.name_of(from.curve_server ? "curve-server" : "server-key")));
  }
  if (from.server_key) return mq::curve_client{.server = server_key(from), .keys = own_keys(from)};
  if (from.curve_server) return mq::curve_server{.keys = own_keys(from)};
  if (from.plain_server) return mq::plain_server{};
  if (from.plain || from.plain_file) return own_credentials(from);
  return mq::no_security{};
}

mq::address_list networks(const std::vector<std::string>& texts, const std::string& option) {
  try {
    return mq::address_list(texts);
  } catch (const mq::exception& wrong) {
    throw wrong_usage(fmt::format("{}: {}", option, wrong.reason().detail()));
  }
}

mq::authenticator who_is_let_in(const security_settings& from) {
  mq::authenticator decides;
  if (from.allow_keys) {
    const mq::key_directory keys(*from.allow_keys);
    for (const std::string& problem : keys.problems()) complain(problem);
    decides = keys;
  }
  if (from.passwords) decides = mq::password_file(*from.passwords);
  if (!from.denied_addresses.empty()) {
    decides =
        mq::deny_addresses(networks(from.denied_addresses, from.name_of("deny-address")), std::move(decides));
  }
  if (!from.allowed_addresses.empty()) {
    decides = mq::allow_addresses(networks(from.allowed_addresses, from.name_of("allow-address")),
                                  std::move(decides));
  }
  return decides;
}

}  // namespace

std::string security_settings::name_of(std::string_view option) const {
  return fmt::format("--{}{}", prefix, option);
}

bool security_settings::are_given() const noexcept {
  return make_client() || curve_server || key || allow_keys || plain_server || passwords ||
         !allowed_addresses.empty() || !denied_addresses.empty();
}

void take_from_environment(security_settings& into, const setting_list& others) {
  const char* const value = std::getenv(plain_variable);
  if (value == nullptr || *value == '\0' || into.are_given() || set_security(others)) return;
  (void)read_credentials(value, plain_variable);  // or else a complaint would name the option
  into.plain = value;
}

void apply(const security_settings& settings, const setting_list& others, mq::socket_options& to) {
  if (!settings.are_given()) return;
  mq::security_mechanism chosen = mechanism(settings);
  if (chosen.index() != 0) {
    if (set_security(others)) throw wrong_usage("-o security: other options say it already");
    to.security = std::move(chosen);
  }
  to.authenticate = who_is_let_in(settings);
}

}  // namespace tool
