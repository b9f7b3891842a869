#include "zmtp/handshake.hpp"

#include "zmtp/metadata.hpp"

#include <string>
#include <utility>

namespace monocoque::zmtp {
namespace {

bool announces_identity(socket_type type) noexcept {
  return type == socket_type::req || type == socket_type::dealer || type == socket_type::router;
}

result<void> accept_property(peer_info& peer, const property& given, socket_type own) {
  const std::string_view value = as_text(given.value);
  result<void> verdict;
  if (same_property(given.name, socket_type_property)) {
    verdict = check_socket_type(socket_type_from(value), value, own);
    peer.socket_type = value;
  } else if (same_property(given.name, identity_property)) {
    if (value.size() > max_identity) {
      return error(errc::bad_metadata)
          .with_detail("Identity of " + std::to_string(value.size()) + " bytes; at most 255 are allowed");
    }
    peer.routing_id = bytes::copy(given.value);
  }
  peer.metadata.emplace(given.name, value);
  return verdict;
}

}  // namespace

result<void> check_config(const config& own) {
  const auto refuse = [](std::string detail) {
    return result<void>(error(errc::invalid_argument).with_detail(std::move(detail)));
  };
  if (own.routing_id.size() > max_identity) return refuse("routing id of more than 255 bytes");
  for (const auto& [name, value] : own.metadata) {
    if (name.empty() || name.size() > max_property_name)
      return refuse("metadata name of 0 or over 255 characters");
    if (value.size() > max_property_value) return refuse("metadata value of more than 2^31 - 1 bytes");
    if (same_property(name, socket_type_property) || same_property(name, identity_property)) {
      return refuse("metadata name " + name + " is taken by ZMTP");
    }
  }
  return {};
}

void append_own_metadata(std::vector<std::byte>& out, const config& own) {
  append_property(out, socket_type_property, as_octets(name_of(own.socket_type)));
  if (announces_identity(own.socket_type)) append_property(out, identity_property, own.routing_id.span());
  for (const auto& [name, value] : own.metadata) append_property(out, name, as_octets(value));
}

result<void> read_peer_metadata(octets metadata, const config& own, peer_info& into) {
  if (metadata.size() > own.limits.max_metadata_size) {
    return error(errc::metadata_too_large)
        .with_detail("metadata of " + std::to_string(metadata.size()) + " bytes; at most " +
                     std::to_string(own.limits.max_metadata_size) + " are allowed");
  }
  auto properties = parse_metadata(metadata);
  if (!properties) return std::move(properties).error();
  result<void> verdict;
  for (const property& given : *properties) {
    result<void> accepted = accept_property(into, given, own.socket_type);
    if (verdict && !accepted) verdict = std::move(accepted);
  }
  return verdict;
}

result<void> check_socket_type(std::optional<socket_type> peer, std::string_view name, socket_type own) {
  if (peer && compatible(own, *peer)) return {};
  const std::string problem = peer ? " cannot talk to " : " is no socket type known to ";
  return error(errc::socket_type_mismatch).with_detail(printable(name) + problem + std::string(name_of(own)));
}

}  // namespace monocoque::zmtp
