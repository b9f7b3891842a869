#include "zmtp/command.hpp"

#include "base/wire.hpp"

#include <algorithm>
#include <array>

namespace monocoque::zmtp {
namespace {

namespace wire = base::wire;

// libzmq 4.3 has "\x5ERROR" in its source, of which a compiler makes 0x5E and "RROR": so its PLAIN
// server refuses a password. As a length that would lead far beyond its three digits.
constexpr std::string_view misspelt_error = "^RROR";

error malformed(std::string detail) { return error(errc::bad_command).with_detail(std::move(detail)); }

/// Header, name and the announcement of `data_size` bytes of data, which the caller appends.
void append_head(std::vector<std::byte>& out, std::string_view name, std::size_t data_size) {
  std::array<std::byte, wire::max_header_size> header{};
  const std::size_t size = wire::put_header(header.data(), 1 + name.size() + data_size, wire::flag_command);
  append(out, octets(header).first(size));
  append_octet(out, name.size());
  append(out, name);
}

}  // namespace

result<command> parse_command(octets body) {
  if (as_text(body).starts_with(misspelt_error) && value_of(body[0]) > body.size() - 1)
    return command{error_command, body.subspan(misspelt_error.size())};
  if (body.empty()) return malformed("command without a name");
  const std::size_t name_size = value_of(body[0]);
  if (name_size == 0) return malformed("command with an empty name");
  if (name_size > body.size() - 1) return malformed("command cut off in its name");
  return command{as_text(body.subspan(1, name_size)), body.subspan(1 + name_size)};
}

result<ping> parse_ping(octets data) {
  if (data.size() < 2) return malformed("PING without a time to live");
  const auto ttl = static_cast<std::uint16_t>(value_of(data[0]) << 8 | value_of(data[1]));
  return ping{ttl, data.subspan(2, std::min(data.size() - 2, max_ping_context))};
}

result<std::string> parse_error(octets data) {
  if (data.empty()) return malformed("ERROR without a reason");
  const std::size_t size = value_of(data[0]);
  if (size > data.size() - 1) return malformed("ERROR cut off in its reason");
  return printable(as_text(data.subspan(1, size)));
}

void append_command(std::vector<std::byte>& out, std::string_view name, octets data) {
  append_head(out, name, data.size());
  append(out, data);
}

void append_ping(std::vector<std::byte>& out, std::uint16_t ttl_ds, octets context) {
  context = context.first(std::min(context.size(), max_ping_context));
  append_head(out, ping_command, 2 + context.size());
  append_octet(out, ttl_ds >> 8);
  append_octet(out, ttl_ds & 0xff);
  append(out, context);
}

void append_error(std::vector<std::byte>& out, std::string_view reason) {
  reason = reason.substr(0, max_error_reason);
  append_head(out, error_command, 1 + reason.size());
  append_octet(out, reason.size());
  append(out, reason);
}

}  // namespace monocoque::zmtp
