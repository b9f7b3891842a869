#include "engine/option_text.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace monocoque::engine {
namespace {

/// What has commas between its parts: no key in Z85 has one, and of PLAIN only the password may.
class parts {
 public:
  explicit parts(std::string_view text) noexcept : rest_(text) {}
  [[nodiscard]] std::string_view next() noexcept {
    const std::size_t comma = rest_->find(',');
    const std::string_view part = rest_->substr(0, comma);
    rest_ = comma == std::string_view::npos ? std::nullopt : std::optional(rest_->substr(comma + 1));
    return part;
  }
  [[nodiscard]] bool any_left() const noexcept { return rest_.has_value(); }
  [[nodiscard]] std::string_view rest() const noexcept { return *rest_; }

 private:
  std::optional<std::string_view> rest_;
};

bool read_plain_client(parts& from, security_mechanism& into) {
  if (!from.any_left()) return false;
  plain_client read{.username = std::string(from.next()), .password = {}};
  if (!from.any_left()) return false;
  read.password = from.rest();
  into = std::move(read);
  return true;
}

std::optional<curve_keypair> read_keys(parts& from) {
  if (!has_curve()) return std::nullopt;
  const auto secret = curve_secret_key::from_z85(as_result, from.next());
  if (!secret || from.any_left()) return std::nullopt;
  return curve_keypair::of(*secret);
}

bool read_curve_client(parts& from, security_mechanism& into) {
  if (!from.any_left() || !has_curve()) return false;
  const auto server = curve_public_key::from_z85(as_result, from.next());
  if (!server) return false;
  const auto keys = from.any_left() ? read_keys(from) : std::optional(curve_keypair::generate());
  if (keys) into = curve_client{.server = *server, .keys = *keys};
  return keys.has_value();
}

bool read_curve_server(parts& from, security_mechanism& into) {
  const auto keys = from.any_left() ? read_keys(from) : std::nullopt;
  if (keys) into = curve_server{.keys = *keys};
  return keys.has_value();
}

constexpr std::array<std::string_view, std::variant_size_v<security_mechanism>> mechanism_names{
    "null", "plain", "plain_server", "curve", "curve_server"};

}  // namespace

bool read_value(std::string_view text, security_mechanism& into) {
  parts from(text);
  const std::string_view name = from.next();
  if (name == mechanism_names[1]) return read_plain_client(from, into);
  if (name == mechanism_names[3]) return read_curve_client(from, into);
  if (name == mechanism_names[4]) return read_curve_server(from, into);
  if (from.any_left() || (name != mechanism_names[0] && name != mechanism_names[2])) return false;
  if (name == mechanism_names[0]) {
    into = no_security{};
  } else {
    into = plain_server{};
  }
  return true;
}

std::string write_value(const security_mechanism& value) {
  return std::string(mechanism_names.at(value.index()));
}

std::string form_of(const security_mechanism& /*any*/) {
  return "null, plain_server, plain,USER,PASSWORD, curve_server,SECRETKEY, curve,SERVERKEY or "
         "curve,SERVERKEY,SECRETKEY";
}

}  // namespace monocoque::engine
