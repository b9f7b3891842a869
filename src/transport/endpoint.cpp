#include "transport/endpoint.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <utility>

namespace monocoque::transport {
namespace {

constexpr std::string_view tcp_prefix = "tcp://";
constexpr std::string_view udp_prefix = "udp://";
constexpr std::string_view ipc_prefix = "ipc://";
constexpr std::string_view inproc_prefix = "inproc://";
constexpr std::size_t max_host_size = 255;  // the longest name DNS can hold

constexpr std::string_view prefix_of(scheme over) noexcept {
  return over == scheme::udp ? udp_prefix : tcp_prefix;
}

/// Which side of a tcp or udp endpoint is parsed, for each takes other wildcards.
enum class side : unsigned char { to_bind, to_connect, source };

error with_place(error reason, std::string_view text, purpose wanted) {
  return std::move(reason).with_doing(std::string(name_of(wanted))).with_endpoint(std::string(text));
}

error invalid(std::string detail) { return error(errc::invalid_endpoint).with_detail(std::move(detail)); }

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool belongs_in_name(char c) noexcept { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; }

/// The first character that is not of a host or interface name, so that it can be shown; none: npos.
std::size_t find_stray(std::string_view name) noexcept {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!belongs_in_name(name[i])) return i;
  }
  return std::string_view::npos;
}

std::string shown(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(c);
  if (value > 0x20 && value < 0x7f) return {'\'', c, '\''};
  if (c == ' ') return "space";
  return {'b', 'y', 't', 'e', ' ', '0', 'x', digits[value >> 4U], digits[value & 15U]};
}

std::string quoted(std::string_view text) {
  constexpr std::size_t enough = 40;
  return '"' + std::string(text.substr(0, enough)) + (text.size() > enough ? "...\"" : "\"");
}

/// An IPv6 address, possibly with a zone.
bool is_ipv6(std::string_view host) noexcept {
  in6_addr ignored{};
  const std::size_t percent = host.find('%');
  if (percent != std::string_view::npos) {
    const std::string_view zone = host.substr(percent + 1);
    if (zone.empty() || find_stray(zone) != std::string_view::npos) return false;
  }
  const std::string_view address = host.substr(0, percent);
  char terminated[INET6_ADDRSTRLEN + 1] = {};
  if (address.size() >= sizeof terminated) return false;
  address.copy(terminated, address.size());
  return inet_pton(AF_INET6, terminated, &ignored) == 1;
}

/// A host and a port that are split but not yet looked at. No port: there was no colon for it.
struct split_host {
  std::string_view host;
  std::optional<std::string_view> port;
};

result<split_host> split_bracketed(std::string_view text) {
  const std::size_t closing = text.find(']');
  if (closing == std::string_view::npos) return invalid("'[' without ']'");
  const std::string_view host = text.substr(1, closing - 1);
  const std::string_view rest = text.substr(closing + 1);
  if (!is_ipv6(host)) return invalid(quoted(host) + " in brackets is not an IPv6 address");
  if (rest.empty()) return split_host{host, std::nullopt};
  if (rest.front() != ':') return invalid("stray text after ']': " + quoted(rest));
  return split_host{host, rest.substr(1)};
}

result<split_host> split(std::string_view text, side which, scheme over) {
  if (!text.empty() && text.front() == '[') return split_bracketed(text);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return split_host{text, std::nullopt};
  const std::string_view host = text.substr(0, colon);
  if (host.find(':') == std::string_view::npos || is_ipv6(host))
    return split_host{host, text.substr(colon + 1)};
  if (which == side::source && is_ipv6(text)) return split_host{text, std::nullopt};
  return invalid("an IPv6 address goes in brackets: " + std::string(prefix_of(over)) + "[ADDRESS]:PORT");
}

result<void> check_host(std::string_view host, side which) {
  if (host.empty()) return invalid("host missing before the port");
  if (host.size() > max_host_size)
    return invalid("host of " + std::to_string(host.size()) + " bytes; 255 are the limit");
  if (host == "*") {
    if (which != side::to_connect) return {};
    return invalid("only bind takes \"*\" as host; connect needs a name or an address");
  }
  if (host.find(':') != std::string_view::npos) return {};  // split() has seen that it is IPv6
  if (const std::size_t stray = find_stray(host); stray != std::string_view::npos) {
    if (host[stray] == '%') return invalid("a zone (\"%...\") goes with an IPv6 address only");
    return invalid("stray " + shown(host[stray]) + " in the host");
  }
  return {};
}

result<std::uint16_t> parse_port(std::string_view text, side which) {
  if (text.empty()) return invalid("port missing after ':'");
  if (text == "*") {
    if (which != side::to_connect) return std::uint16_t{0};
    return invalid("connect needs a port number, not \"*\"");
  }
  unsigned long value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::invalid_argument || end != text.data() + text.size()) {
    return invalid("port " + quoted(text) + " is not a number");
  }
  if (failure != std::errc{} || value > 65535) return invalid("port " + quoted(text) + " is over 65535");
  if (value == 0 && which == side::to_connect) return invalid("port 0 cannot be connected to");
  return static_cast<std::uint16_t>(value);
}

result<tcp_host> parse_side(std::string_view text, side which, scheme over) {
  result<split_host> parts = split(text, which, over);
  if (!parts) return std::move(parts).error();
  if (result<void> host = check_host(parts->host, which); !host) return std::move(host).error();
  if (!parts->port) {
    if (which == side::source) return tcp_host{std::string(parts->host), 0, true};
    return invalid("port missing: " + std::string(prefix_of(over)) + "HOST:PORT");
  }
  result<std::uint16_t> port = parse_port(*parts->port, which);
  if (!port) return std::move(port).error();
  return tcp_host{std::string(parts->host), *port, *port == 0};
}

/// What stands before the last semicolon: of tcp the source, of udp the interface.
result<std::optional<tcp_host>> take_source(scheme over, std::string_view& rest, purpose wanted) {
  const bool is_tcp = over == scheme::tcp;
  const std::size_t semicolon = rest.rfind(';');
  if (semicolon == std::string_view::npos) return std::optional<tcp_host>();
  if (is_tcp && wanted == purpose::bind) return invalid("a source address (before ';') is for connect only");
  result<tcp_host> source = parse_side(rest.substr(0, semicolon), side::source, over);
  if (!source) {
    const std::string detail(source.error().detail());
    return std::move(source).error().with_detail((is_tcp ? "source address: " : "interface: ") + detail);
  }
  if (!is_tcp && !source->wildcard_port) return invalid("an interface (before ';') has no port");
  rest.remove_prefix(semicolon + 1);
  return std::optional<tcp_host>(*std::move(source));
}

result<endpoint> parse_internet(scheme over, std::string_view rest, purpose wanted) {
  endpoint parsed;
  parsed.scheme = over;
  if (rest.empty()) return invalid("host and port missing: " + std::string(prefix_of(over)) + "HOST:PORT");
  result<std::optional<tcp_host>> source = take_source(over, rest, wanted);
  if (!source) return std::move(source).error();
  parsed.source = *std::move(source);
  result<tcp_host> address =
      parse_side(rest, wanted == purpose::bind ? side::to_bind : side::to_connect, over);
  if (!address) return std::move(address).error();
  parsed.address = *std::move(address);
  return parsed;
}

/// libzmq's code for it, which programs for zmq.h look for.
error too_long(std::string detail) {
  return {std::error_code(ENAMETOOLONG, std::generic_category()), std::move(detail)};
}

result<endpoint> parse_ipc(std::string_view path, purpose wanted) {
  if (path.empty()) return invalid("path missing: ipc://PATH");
  if (path == "@") return invalid("name missing after '@'");
  if (path == "*" && wanted == purpose::connect) return invalid("only bind takes \"*\" as path");
  if (path.size() > max_ipc_path_size)
    return too_long("path of " + std::to_string(path.size()) + " bytes; sun_path holds " +
                    std::to_string(max_ipc_path_size));
  endpoint parsed;
  parsed.scheme = scheme::ipc;
  parsed.path = path;
  return parsed;
}

result<endpoint> parse_inproc(std::string_view name) {
  if (name.empty()) return invalid("name missing: inproc://NAME");
  if (name.size() > max_inproc_name_size)
    return too_long("name of " + std::to_string(name.size()) + " bytes; " +
                    std::to_string(max_inproc_name_size) + " are the limit");
  endpoint parsed;
  parsed.scheme = scheme::inproc;
  parsed.name = name;
  return parsed;
}

result<endpoint> parse_any(std::string_view text, purpose wanted) {
  if (text.empty()) return invalid("it is empty");
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos)
    return invalid("no \"://\" in it: tcp://HOST:PORT, ipc://PATH or inproc://NAME");
  if (separator == 0) return invalid("no transport before \"://\"");
  if (text.find('\0') != std::string_view::npos) return invalid("a NUL byte in it");
  for (const scheme over : {scheme::tcp, scheme::udp}) {
    const std::string_view prefix = prefix_of(over);
    if (text.starts_with(prefix)) return parse_internet(over, text.substr(prefix.size()), wanted);
  }
  if (text.starts_with(ipc_prefix)) return parse_ipc(text.substr(ipc_prefix.size()), wanted);
  if (text.starts_with(inproc_prefix)) return parse_inproc(text.substr(inproc_prefix.size()));
  return error(errc::unsupported_transport)
      .with_detail(quoted(text.substr(0, separator)) + "; there are tcp, ipc, inproc, udp");
}

void append_host(std::string& text, const tcp_host& host) {
  const bool brackets = host.host.find(':') != std::string::npos;
  text += brackets ? '[' + host.host + ']' : host.host;
}

void append_port(std::string& text, const tcp_host& host) {
  text += ':';
  text += host.wildcard_port ? "*" : std::to_string(host.port);
}

}  // namespace

std::string_view name_of(purpose wanted) noexcept { return wanted == purpose::bind ? "bind" : "connect"; }

std::string endpoint::canonical() const {
  if (scheme == transport::scheme::ipc) return std::string(ipc_prefix) + path;
  if (scheme == transport::scheme::inproc) return std::string(inproc_prefix) + name;
  std::string canonical(prefix_of(scheme));
  if (source) {
    append_host(canonical, *source);
    if (scheme == transport::scheme::tcp) append_port(canonical, *source);
    canonical += ';';
  }
  append_host(canonical, address);
  append_port(canonical, address);
  return canonical;
}

result<endpoint> parse_endpoint(std::string_view text, purpose wanted) {
  result<endpoint> parsed = parse_any(text, wanted);
  if (!parsed) return with_place(std::move(parsed).error(), text, wanted);
  parsed->text = text;
  return parsed;
}

bool is_numeric_host(const std::string& host) noexcept {
  in_addr ignored{};
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || is_ipv6(host);
}

}  // namespace monocoque::transport
