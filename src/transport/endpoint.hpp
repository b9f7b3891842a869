#pragma once

#include <monocoque/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace monocoque::transport {

enum class scheme : unsigned char { tcp, ipc, inproc, udp };

/// What an endpoint is parsed for: "*" and port 0 are for binding, a source address is for connecting.
enum class purpose : unsigned char { bind, connect };

/// "bind" or "connect".
[[nodiscard]] std::string_view name_of(purpose wanted) noexcept;

/// The longest ipc path or abstract name, "@" included: what `sun_path` holds with its terminator.
inline constexpr std::size_t max_ipc_path_size = 107;

/// The longest inproc name, as libzmq documents it.
inline constexpr std::size_t max_inproc_name_size = 256;

/// One side of a tcp or udp endpoint.
struct tcp_host {
  std::string host;  ///< a name, an address, an interface or "*"; IPv6 without brackets, zone with its "%"
  std::uint16_t port = 0;      ///< 0 if `wildcard_port`
  bool wildcard_port = false;  ///< written "*" or 0, or left out of a source: the system chooses

  friend bool operator==(const tcp_host&, const tcp_host&) = default;
};

/// Where to bind or to connect, as text says it and before any name is looked up.
struct endpoint {
  transport::scheme scheme = transport::scheme::tcp;
  tcp_host address;  ///< tcp, udp
  /// tcp, connect: the local address to connect from; udp: the interface, without a port, of a multicast
  /// address
  std::optional<tcp_host> source;
  std::string path;  ///< ipc: a path, "@name" in the abstract namespace, "*" for a fresh path (bind)
  std::string name;  ///< inproc: a name of the context's
  std::string text;  ///< as it was given

  /// The text in its one normal form: IPv6 in brackets, "*" for a wildcard port. Parses to an equal endpoint.
  [[nodiscard]] std::string canonical() const;

  /// The same place, however it was written.
  friend bool operator==(const endpoint& left, const endpoint& right) noexcept {
    return left.scheme == right.scheme && left.address == right.address && left.source == right.source &&
           left.path == right.path && left.name == right.name;
  }
};

/// The one endpoint parser. Pure: no system call, no look-up. Takes
///
///     tcp://HOST:PORT          HOST: name, IPv4, [IPv6], [IPv6%zone], to bind also an interface or "*"
///     tcp://SOURCE;HOST:PORT   connect only; SOURCE is HOST or HOST:PORT of this side
///     udp://HOST:PORT          the same; an address may be a multicast one
///     udp://INTERFACE;HOST:PORT   HOST is multicast; INTERFACE: its name, its address or "*"
///     ipc://PATH   ipc://@NAME   ipc://*   (the last to bind only)
///     inproc://NAME
///
/// PORT is 1 to 65535; to bind and in SOURCE also "*" or 0. IPv6 without brackets is taken, as libzmq does,
/// where what stands before the last colon is a whole IPv6 address.
///
/// Errors carry purpose, text and what is wrong: errc::invalid_endpoint, errc::unsupported_transport, and
/// ENAMETOOLONG of the system for an ipc path or an inproc name that does not fit.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text, purpose wanted);

/// True for an IPv4 or IPv6 address in digits (IPv6 possibly with a zone): nothing that would need a look-up.
[[nodiscard]] bool is_numeric_host(const std::string& host) noexcept;

}  // namespace monocoque::transport
