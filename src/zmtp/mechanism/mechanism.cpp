#include "zmtp/mechanism/mechanism.hpp"

#include "crypto/secret.hpp"
#include "zmtp/handshake.hpp"
#include "zmtp/mechanism/curve_client_mechanism.hpp"
#include "zmtp/mechanism/curve_server_mechanism.hpp"
#include "zmtp/mechanism/null_mechanism.hpp"
#include "zmtp/mechanism/plain_mechanism.hpp"

#include <string>
#include <variant>

namespace monocoque::zmtp {
claim::~claim() { crypto::wipe(password); }

/// What an ERROR command in the handshake says. Who authenticates peers says no with a status code of ZAP
/// (RFC 27), and libzmq with nothing else. Only 400 is about us: with the others the peer cannot tell, and
/// may do so next time.
error mechanism::refused_by(const command& received) {
  auto reason = parse_error(received.data);
  if (!reason) return std::move(reason).error();
  if (*reason == "400") {
    refused_with_ = 400;
    return error(errc::authentication_failed).with_detail("the peer denied it (400)");
  }
  if (*reason == "300") {
    refused_with_ = 300;
    *reason = "its authentication cannot tell now (300)";
  } else if (*reason == "500") {
    refused_with_ = 500;
    *reason = "its authentication is out of order (500)";
  }
  return error(errc::refused_by_peer).with_detail(*std::move(reason));
}

result<mechanism::progress> mechanism::handle_command(const command& received, std::vector<std::byte>& out) {
  return received.name == error_command ? refused_by(received) : handle(received, out);
}

claim mechanism::take_claim() {
  claim shown;
  shown.peer = peer_;
  return shown;
}

void mechanism::send_metadata(std::string_view command, std::vector<std::byte>& out) const {
  std::vector<std::byte> metadata;
  append_own_metadata(metadata, settings_);
  append_command(out, command, metadata);
}

result<void> mechanism::read_metadata(octets metadata) {
  return read_peer_metadata(metadata, settings_, peer_);
}

result<void> mechanism::read_metadata_or_refuse(octets metadata, std::vector<std::byte>& out) {
  result<void> understood = read_metadata(metadata);
  if (!understood) append_error(out, understood.error().detail());
  return understood;
}

std::unique_ptr<mechanism> make_mechanism(const config& own, time_point now) {
  if (const auto* const plain = std::get_if<plain_client>(&own.security))
    return std::make_unique<plain_client_mechanism>(own, *plain);
  if (std::holds_alternative<plain_server>(own.security))
    return std::make_unique<plain_server_mechanism>(own);
  if (const auto* const client = std::get_if<curve_client>(&own.security))
    return std::make_unique<curve_client_mechanism>(own, *client);
  if (const auto* const server = std::get_if<curve_server>(&own.security)) {
    auto cookies = own.cookies ? own.cookies : std::make_shared<cookie_keys>();
    return std::make_unique<curve_server_mechanism>(own, *server, std::move(cookies), now);
  }
  return std::make_unique<null_mechanism>(own);
}

error unexpected(const command& received, std::string_view wanted, std::vector<std::byte>& out) {
  append_error(out, "expected " + std::string(wanted));
  return error(errc::unexpected_command)
      .with_detail("command " + printable(received.name) + " in the handshake, where " + std::string(wanted) +
                   " was expected");
}

}  // namespace monocoque::zmtp
