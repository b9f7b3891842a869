#include "zmtp/command.hpp"

#include "zmtp/handshake.hpp"
#include "zmtp/mechanism/null_mechanism.hpp"
#include "zmtp/metadata.hpp"

#include <cstdlib>

/// Any octets as the body of a command, as metadata, and as a handshake. What parses must come out the same
/// when it is written and parsed again.
namespace {

using namespace monocoque::zmtp;

void require(bool holds) {
  if (!holds) std::abort();
}

void metadata_round_trip(octets input) {
  const auto found = parse_metadata(input);
  if (!found) return require(!found.error().detail().empty());
  std::vector<std::byte> written;
  for (const property& given : *found) append_property(written, given.name, given.value);
  require(as_text(written) == as_text(input));
}

void command_round_trip(octets input) {
  const auto found = parse_command(input);
  if (!found) return;
  std::vector<std::byte> written;
  append_command(written, found->name, found->data);
  // ERROR as libzmq spells it is put right.
  const bool is_misspelt = as_text(input).starts_with("^RROR") && found->name == error_command;
  require(is_misspelt || as_text(octets(written).last(input.size())) == as_text(input));
  metadata_round_trip(found->data);
  if (const auto asked = parse_ping(found->data)) require(asked->context.size() <= max_ping_context);
  if (const auto reason = parse_error(found->data)) {
    require(reason->size() <= max_error_reason);
    for (const char c : *reason) require(c >= ' ' && c <= '~');
  }
}

void handshake(octets input, std::uint8_t choice) {
  config own;
  own.socket_type = static_cast<monocoque::socket_type>(choice % 11);
  own.as_server = (choice & 0x80) != 0;
  const auto received = parse_command(input);
  if (!received) return;
  null_mechanism null(own);
  std::vector<std::byte> out;
  require(null.start(out).has_value());
  const auto done = null.handle_command(*received, out);
  require(out.size() < 1024);
  if (!done) return;
  const monocoque::peer_info peer = null.take_peer();
  require(peer.routing_id.size() <= max_identity);
  const auto type = monocoque::socket_type_from(peer.socket_type);
  require(type ? compatible(own.socket_type, *type) : peer.socket_type.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const octets input(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  metadata_round_trip(input);
  command_round_trip(input);
  handshake(input, data[0]);
  return 0;
}
