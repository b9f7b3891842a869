#pragma once

#include "transport/address.hpp"
#include "transport/endpoint.hpp"
#include "transport/unique_fd.hpp"

#include <monocoque/result.hpp>

#include <string>
#include <string_view>

namespace monocoque::transport {

/// What a socket for datagrams is told before it is used. -1 leaves it to the system.
struct datagram_options {
  int send_buffer = -1;        ///< bytes, SO_SNDBUF
  int receive_buffer = -1;     ///< bytes, SO_RCVBUF
  int type_of_service = 0;     ///< 0 to 255, IP_TOS and IPV6_TCLASS; 0: not set
  int multicast_hops = 1;      ///< 1 and more, IP_MULTICAST_TTL and IPV6_MULTICAST_HOPS
  bool multicast_loop = true;  ///< IP_MULTICAST_LOOP and IPV6_MULTICAST_LOOP
  std::string bind_to_device{};
};

/// A socket for datagrams.
struct datagram_socket {
  unique_fd fd;
  socket_address target;      ///< that of a connected endpoint: where all datagrams go; else none
  std::string last_endpoint;  ///< what was really bound, or connected: "udp://0.0.0.0:49152"
};

/// A UDP socket, non-blocking and close-on-exec. `at` is one of what resolve(where, wanted, ...) returned.
///
/// To bind: receives what is sent to `at`. If that is a multicast address, it joins the group, on the
/// endpoint's interface or else the system's choice, and others of this machine may do the same; what is sent
/// to other groups at that port is not received, nor, but over IPv6, what is sent to the machine itself. To
/// connect: sends to `at`, from the endpoint's interface if that is a multicast address. Does not block.
///
/// Errors, with the endpoint: the system's; errc::invalid_endpoint: an interface, and no multicast address;
/// errc::resolve_failed: no such interface.
[[nodiscard]] result<datagram_socket> open_datagrams(const endpoint& where, purpose wanted,
                                                     const socket_address& at,
                                                     const datagram_options& options);

/// "192.0.2.1:5555", "[2001:db8::1]:5555", as `to_host_and_port` writes them, for a socket of that family; an
/// IPv4 address becomes an IPv6 one where that is wanted. Only digits; port 0 is none. Errors:
/// errc::invalid_argument.
[[nodiscard]] result<socket_address> address_in_digits(std::string_view text, int family);

}  // namespace monocoque::transport
