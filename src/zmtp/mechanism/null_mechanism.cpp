#include "zmtp/mechanism/null_mechanism.hpp"

#include <utility>

namespace monocoque::zmtp {

result<void> null_mechanism::start(std::vector<std::byte>& out) {
  if (!settings().as_server) send_metadata(ready_command, out);
  return {};
}

result<mechanism::progress> null_mechanism::handle(const command& received, std::vector<std::byte>& out) {
  if (received.name != ready_command) return unexpected(received, ready_command, out);
  if (auto understood = read_metadata_or_refuse(received.data, out); !understood)
    return std::move(understood).error();
  return settings().authenticates ? progress::verdict_wanted : handle_approval(out);
}

result<mechanism::progress> null_mechanism::handle_approval(std::vector<std::byte>& out) {
  if (settings().as_server) send_metadata(ready_command, out);
  return progress::done;
}

}  // namespace monocoque::zmtp
