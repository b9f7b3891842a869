#include "transport/datagrams.hpp"

#include "transport/option_setter.hpp"
#include "transport/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace monocoque::transport {
namespace {

/// Which of the machine's interfaces a multicast address is meant on.
struct chosen_interface {
  socket_address address;  // IPv4; none: the system chooses
  unsigned index = 0;      // IPv6; 0: the system chooses
};

in_addr ipv4_of(const socket_address& address) noexcept {
  sockaddr_in in{};
  if (address.family() == AF_INET) std::memcpy(&in, address.data(), sizeof in);
  return in.sin_addr;
}

sockaddr_in6 ipv6_of(const socket_address& address) noexcept {
  sockaddr_in6 in6{};
  if (address.family() == AF_INET6) std::memcpy(&in6, address.data(), sizeof in6);
  return in6;
}

/// IPv6 knows interfaces by number: of an address, the one in its zone.
result<chosen_interface> find_interface(const endpoint& where, const socket_address& at) {
  chosen_interface found;
  found.index = ipv6_of(at).sin6_scope_id;
  if (!where.source || where.source->host == "*") return found;
  if (at.family() == AF_INET6) found.index = if_nametoindex(where.source->host.c_str());
  if (found.index != 0) return found;
  result<socket_address> address = resolve_source(*where.source, at.family());
  if (!address) return std::move(address).error();
  found.address = *address;
  found.index = ipv6_of(*address).sin6_scope_id;
  if (at.family() == AF_INET6 && found.index == 0)
    return error(make_error_code(errc::resolve_failed),
                 "an IPv6 multicast address needs an interface's name");
  return found;
}

result<void> apply_options(int fd, int family, const datagram_options& options) {
  option_setter setter(fd);
  setter.set_unless_negative(SOL_SOCKET, SO_SNDBUF, options.send_buffer, "SO_SNDBUF");
  setter.set_unless_negative(SOL_SOCKET, SO_RCVBUF, options.receive_buffer, "SO_RCVBUF");
  setter.set(SOL_SOCKET, SO_BINDTODEVICE, options.bind_to_device, "SO_BINDTODEVICE");
  if (options.type_of_service != 0) {
    setter.set(IPPROTO_IP, IP_TOS, options.type_of_service, "IP_TOS");
    if (family == AF_INET6) setter.set(IPPROTO_IPV6, IPV6_TCLASS, options.type_of_service, "IPV6_TCLASS");
  }
  constexpr int most_hops = 255;
  const int hops = std::min(options.multicast_hops, most_hops);
  // An IPv6 socket may send to IPv4 addresses, too.
  setter.set(IPPROTO_IP, IP_MULTICAST_TTL, hops, "IP_MULTICAST_TTL");
  setter.set(IPPROTO_IP, IP_MULTICAST_LOOP, options.multicast_loop ? 1 : 0, "IP_MULTICAST_LOOP");
  if (family == AF_INET6) {
    setter.set(IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY");  // must not depend on a sysctl
    setter.set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops, "IPV6_MULTICAST_HOPS");
    setter.set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, options.multicast_loop ? 1 : 0, "IPV6_MULTICAST_LOOP");
  }
  return std::move(setter).outcome();
}

result<void> send_over(int fd, int family, const chosen_interface& interface) {
  option_setter setter(fd);
  if (family == AF_INET6) {
    if (interface.index != 0)
      setter.set(IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(interface.index), "IPV6_MULTICAST_IF");
  } else if (interface.address.family() == AF_INET) {
    setter.set_whole(IPPROTO_IP, IP_MULTICAST_IF, ipv4_of(interface.address), "IP_MULTICAST_IF");
  }
  return std::move(setter).outcome();
}

result<void> share_port(int fd) {
  option_setter setter(fd);
  setter.set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  setter.set(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  return std::move(setter).outcome();
}

/// And nothing that others of this machine have joined.
result<void> join_group(int fd, const socket_address& group, const chosen_interface& interface) {
  option_setter setter(fd);
  if (group.family() == AF_INET6) {
    ipv6_mreq wanted{};
    wanted.ipv6mr_multiaddr = ipv6_of(group).sin6_addr;
    wanted.ipv6mr_interface = interface.index;
    setter.set(IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL");
    setter.set_whole(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, wanted, "IPV6_ADD_MEMBERSHIP");
  } else {
    setter.set(IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL");
    ip_mreq wanted{};
    wanted.imr_multiaddr = ipv4_of(group);
    wanted.imr_interface = ipv4_of(interface.address);
    setter.set_whole(IPPROTO_IP, IP_ADD_MEMBERSHIP, wanted, "IP_ADD_MEMBERSHIP");
  }
  return std::move(setter).outcome();
}

result<void> prepare(int fd, purpose wanted, const socket_address& at, const chosen_interface& interface) {
  if (at.is_multicast()) {
    if (result<void> set = send_over(fd, at.family(), interface); !set) return set;
  }
  if (wanted == purpose::connect) return {};
  if (at.is_multicast()) {
    if (result<void> shared = share_port(fd); !shared) return shared;
  }
  // A multicast address of IPv6 may need a zone to be bound to, which not everybody knows.
  const bool to_any = at.is_multicast() && at.family() == AF_INET6;
  const socket_address own = to_any ? socket_address::any(AF_INET6, at.port()) : at;
  if (::bind(fd, own.data(), own.size()) != 0) return error::from_errno(errno);
  return at.is_multicast() ? join_group(fd, at, interface) : result<void>();
}

result<datagram_socket> open(const endpoint& where, purpose wanted, const socket_address& at,
                             const datagram_options& options) {
  if (where.source && !at.is_multicast())
    return error(make_error_code(errc::invalid_endpoint),
                 "an interface (before ';') is for multicast addresses");
  result<chosen_interface> interface = find_interface(where, at);
  if (!interface) return std::move(interface).error();
  datagram_socket made;
  made.fd = unique_fd(::socket(at.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made.fd) return error::from_errno(errno);
  result<void> done = apply_options(made.fd.fd(), at.family(), options);
  if (done) done = prepare(made.fd.fd(), wanted, at, *interface);
  if (!done) return std::move(done).error();
  if (wanted == purpose::connect) {
    made.target = at;
    made.last_endpoint = where.text;
  } else {
    socket_address bound = at;
    bound.set_port(socket_address::of_socket(made.fd.fd()).port());
    made.last_endpoint = "udp://" + bound.to_host_and_port();
  }
  return made;
}

}  // namespace

result<datagram_socket> open_datagrams(const endpoint& where, purpose wanted, const socket_address& at,
                                       const datagram_options& options) {
  result<datagram_socket> made = open(where, wanted, at, options);
  if (made) return made;
  return std::move(made).error().with_doing(std::string(name_of(wanted))).with_endpoint(where.text);
}

result<socket_address> address_in_digits(std::string_view text, int family) {
  const auto refuse = [] {
    return error(make_error_code(errc::invalid_argument),
                 "the address of a datagram is ADDRESS:PORT, in digits");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  std::string_view host = text.substr(0, colon);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  const std::string_view digits = text.substr(colon + 1);
  tcp_host parsed{.host = std::string(host)};
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (failure != std::errc{} || end != digits.data() + digits.size() || parsed.port == 0) return refuse();
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  if (is_ipv6 != in_brackets || !is_numeric_host(parsed.host)) return refuse();
  result<socket_address> found = resolve_source(parsed, is_ipv6 ? AF_INET6 : AF_INET);
  if (!found || (is_ipv6 && family == AF_INET)) return refuse();
  return family == AF_INET6 ? found->in_ipv6() : *found;
}

}  // namespace monocoque::transport
