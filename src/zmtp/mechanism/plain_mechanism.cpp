#include "zmtp/mechanism/plain_mechanism.hpp"

#include "crypto/secret.hpp"

#include <optional>
#include <string>
#include <utility>

namespace monocoque::zmtp {
namespace {

void append_text(std::vector<std::byte>& out, std::string_view text) {
  append_octet(out, text.size());
  append(out, text);
}

/// A text with its length in an octet, off the front of `in`.
std::optional<std::string_view> take_text(octets& in) {
  if (in.empty() || value_of(in[0]) > in.size() - 1) return std::nullopt;
  const octets text = in.subspan(1, value_of(in[0]));
  in = in.subspan(1 + text.size());
  return as_text(text);
}

}  // namespace

result<void> plain_client_mechanism::start(std::vector<std::byte>& out) {
  std::vector<std::byte> shown;
  shown.reserve(2 + own_.username.size() + own_.password.size());  // so that no copy stays behind
  append_text(shown, own_.username);
  append_text(shown, own_.password);
  out.reserve(out.size() + max_command_overhead + shown.size());
  append_command(out, hello_command, shown);
  crypto::wipe(shown);
  return {};
}

result<mechanism::progress> plain_client_mechanism::handle(const command& received,
                                                           std::vector<std::byte>& out) {
  if (!welcomed_) {
    if (received.name != welcome_command) return unexpected(received, welcome_command, out);
    if (!received.data.empty()) return error(errc::bad_command).with_detail("WELCOME with data");
    welcomed_ = true;
    send_metadata(initiate_command, out);
    return progress::more;
  }
  if (received.name != ready_command) return unexpected(received, ready_command, out);
  if (auto understood = read_metadata(received.data); !understood) return std::move(understood).error();
  return progress::done;
}

result<mechanism::progress> plain_server_mechanism::handle(const command& received,
                                                           std::vector<std::byte>& out) {
  if (!greeted_) {
    if (received.name != hello_command) return unexpected(received, hello_command, out);
    return handle_hello(received.data);
  }
  if (received.name != initiate_command) return unexpected(received, initiate_command, out);
  return handle_initiate(received.data, out);
}

result<mechanism::progress> plain_server_mechanism::handle_hello(octets data) {
  const auto username = take_text(data);
  const auto password = username ? take_text(data) : std::nullopt;
  if (!password || !data.empty())
    return error(errc::bad_command).with_detail("HELLO is not a name and a password");
  greeted_ = true;
  shown_.username = *username;
  shown_.password = *password;
  return progress::verdict_wanted;
}

result<mechanism::progress> plain_server_mechanism::handle_approval(std::vector<std::byte>& out) {
  append_command(out, welcome_command, {});
  return progress::more;
}

result<mechanism::progress> plain_server_mechanism::handle_initiate(octets metadata,
                                                                    std::vector<std::byte>& out) {
  if (auto understood = read_metadata_or_refuse(metadata, out); !understood)
    return std::move(understood).error();
  send_metadata(ready_command, out);
  return progress::done;
}

}  // namespace monocoque::zmtp
