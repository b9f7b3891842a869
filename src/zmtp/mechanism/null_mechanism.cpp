#include "zmtp/mechanism/null_mechanism.hpp"

#include "zmtp/handshake.hpp"

#include <utility>

namespace monocoque::zmtp {

result<void> null_mechanism::start(std::vector<std::byte>& out) {
  if (!settings_.as_server) send_ready(out);
  return {};
}

void null_mechanism::send_ready(std::vector<std::byte>& out) const {
  std::vector<std::byte> metadata;
  append_own_metadata(metadata, settings_);
  append_command(out, ready_command, metadata);
}

result<mechanism::progress> null_mechanism::handle_command(const command& received,
                                                           std::vector<std::byte>& out) {
  if (received.name == error_command) return refused_by(received);
  if (received.name != ready_command) return unexpected(received, ready_command, out);
  auto understood = read_peer_metadata(received.data, settings_, peer_);
  if (!understood) {
    append_error(out, understood.error().detail());
    return std::move(understood).error();
  }
  return settings_.authenticates ? progress::verdict_wanted : handle_approval(out);
}

result<mechanism::progress> null_mechanism::handle_approval(std::vector<std::byte>& out) {
  if (settings_.as_server) send_ready(out);
  return progress::done;
}

claim null_mechanism::take_claim() {
  claim shown;
  shown.peer = peer_;
  return shown;
}

}  // namespace monocoque::zmtp
