#include "zmtp/null_mechanism.hpp"

#include "zmtp/handshake.hpp"

#include <string>
#include <utility>

namespace monocoque::zmtp {

void null_mechanism::start(std::vector<std::byte>& out) {
  if (!settings_.as_server) send_ready(out);
}

void null_mechanism::send_ready(std::vector<std::byte>& out) const {
  std::vector<std::byte> metadata;
  append_own_metadata(metadata, settings_);
  append_command(out, ready_command, metadata);
}

result<bool> null_mechanism::handle_command(const command& received, std::vector<std::byte>& out) {
  if (received.name == ready_command) return handle_ready(received.data, out);
  if (received.name == error_command) {
    auto reason = parse_error(received.data);
    if (!reason) return std::move(reason).error();
    return error(errc::refused_by_peer).with_detail(*std::move(reason));
  }
  append_error(out, "expected READY");
  return error(errc::bad_command)
      .with_detail("command " + printable(received.name) + " in the handshake, where READY was expected");
}

result<bool> null_mechanism::handle_ready(octets metadata, std::vector<std::byte>& out) {
  auto understood = read_peer_metadata(metadata, settings_, peer_);
  if (!understood) {
    append_error(out, understood.error().detail());
    return std::move(understood).error();
  }
  if (settings_.as_server) send_ready(out);
  return true;
}

}  // namespace monocoque::zmtp
