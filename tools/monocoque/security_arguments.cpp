#include "security_arguments.hpp"

#include "guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tool {
namespace {

constexpr const char* group_name = "Security";

[[noreturn]] void refuse(const std::string& why) { throw CLI::ValidationError(why); }

/// A socket is one of these at most.
void check_mechanism(const security_settings& given) {
  std::vector<std::string> chosen;
  const auto add = [&](bool is_given, std::string_view option) {
    if (is_given) chosen.push_back(given.name_of(option));
  };
  add(given.server_key.has_value(), "server-key");
  add(given.curve_server, "curve-server");
  add(given.plain.has_value(), "plain");
  add(given.plain_file.has_value(), "plain-file");
  add(given.plain_server, "plain-server");
  if (chosen.size() > 1) {
    refuse(fmt::format("{}: a socket has one mechanism, and is the client or the server of it",
                       fmt::join(chosen, " and ")));
  }
}

void check_needs(const security_settings& given) {
  const auto need = [&](bool wanted, std::string_view option, bool is_there, std::string_view what) {
    if (wanted && !is_there) refuse(fmt::format("{} needs {}", given.name_of(option), what));
  };
  const auto name = [&](std::string_view option) { return given.name_of(option); };
  need(given.curve_server, "curve-server", given.key.has_value(), name("key FILE"));
  need(given.key.has_value(), "key", given.curve_server || given.server_key,
       fmt::format("{} or {}", name("server-key"), name("curve-server")));
  need(given.allow_keys.has_value(), "allow-keys", given.curve_server, name("curve-server"));
  need(given.plain_server, "plain-server", given.passwords.has_value(),
       name("passwords FILE") + ": without it every peer is refused");
  need(given.passwords.has_value(), "passwords", given.plain_server, name("plain-server"));
}

void check_addresses(const security_settings& given) {
  if (!given.make_client() || (given.allowed_addresses.empty() && given.denied_addresses.empty())) return;
  refuse(fmt::format("{}: a client does not choose who its peers are; the server may",
                     given.name_of(given.allowed_addresses.empty() ? "deny-address" : "allow-address")));
}

void unguard_all(security_settings& given) {
  for (auto* const text : {&given.server_key, &given.key, &given.allow_keys, &given.plain, &given.plain_file,
                           &given.passwords}) {
    if (*text) unguard(**text);
  }
  unguard(given.allowed_addresses);
  unguard(given.denied_addresses);
}

}  // namespace

void add_security(CLI::App& app, security_settings& to, named_in_help shown) {
  const std::string group = shown == named_in_help::yes ? group_name : "";
  const auto value = [&](std::string_view name, auto& into, const char* what, const char* help) {
    app.add_option(to.name_of(name), into, help)->type_name(what)->option_text(what)->group(group);
  };
  const auto list = [&](std::string_view name, std::vector<std::string>& into, const char* help) {
    app.add_option(to.name_of(name), into, help)->allow_extra_args(false)->type_name("NETWORK")->group(group);
  };
  value("server-key", to.server_key, "KEY",
        "CURVE client of the server with this public key: 40 characters, or its .key file");
  app.add_flag(to.name_of("curve-server"), to.curve_server, "CURVE server, with --key")->group(group);
  value("key", to.key, "FILE",
        "our secret key (monocoque keygen); without it a CURVE client makes one for itself");
  value("allow-keys", to.allow_keys, "DIR",
        "CURVE server: let in clients whose .key files are in DIR, as it changes; default all");
  value("plain", to.plain, "USER:PASSWORD",
        "PLAIN client. Whoever sees this machine's processes sees the password too: use\n"
        "--plain-file, or the variable MONOCOQUE_PLAIN");
  value("plain-file", to.plain_file, "FILE", "PLAIN client, with USER:PASSWORD in a file that is ours alone");
  app.add_flag(to.name_of("plain-server"), to.plain_server, "PLAIN server, with --passwords")->group(group);
  value("passwords", to.passwords, "FILE",
        "PLAIN server: USER:HASH lines (monocoque hash-password) of who is let in, as it changes");
  list("allow-address", to.allowed_addresses,
       "let in peers from this network only, such as 10.0.0.0/8 or ::1 (repeatable)");
  list("deny-address", to.denied_addresses, "keep out peers from this network (repeatable)");
}

void check_security(security_settings& given) {
  unguard_all(given);
  check_mechanism(given);
  check_needs(given);
  check_addresses(given);
}

}  // namespace tool
