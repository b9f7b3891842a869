#include "transport/resolve.hpp"

#include "transport/unique_fd.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>

namespace monocoque::transport {
namespace {

using addresses = std::vector<socket_address>;

error unresolved(std::string detail) { return error(errc::resolve_failed).with_detail(std::move(detail)); }

std::string family_name(int family) { return family == AF_INET6 ? "IPv6" : "IPv4"; }

result<unsigned> zone_index(const std::string& zone) {
  unsigned index = 0;
  const auto [end, failure] = std::from_chars(zone.data(), zone.data() + zone.size(), index);
  if (failure == std::errc{} && end == zone.data() + zone.size() && index != 0) return index;
  index = if_nametoindex(zone.c_str());
  if (index == 0) return unresolved("no interface \"" + zone + "\" for the zone");
  return index;
}

/// `host` is numeric (is_numeric_host).
result<socket_address> from_digits(const std::string& host) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1) {
    return socket_address(reinterpret_cast<const sockaddr*>(&in), sizeof in);
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  const std::size_t percent = host.find('%');
  if (inet_pton(AF_INET6, host.substr(0, percent).c_str(), &in6.sin6_addr) != 1) {
    return unresolved("\"" + host + "\" is not an address");
  }
  if (percent != std::string::npos) {
    result<unsigned> zone = zone_index(host.substr(percent + 1));
    if (!zone) return std::move(zone).error();
    in6.sin6_scope_id = *zone;
  }
  return socket_address(reinterpret_cast<const sockaddr*>(&in6), sizeof in6);
}

constexpr int worst_interface_rank = 2;

/// Smaller is better, among the addresses of one interface: a link-local one serves only peers that name the
/// zone.
int interface_rank(const sockaddr* address) noexcept {
  if (address->sa_family == AF_INET) return 1;
  sockaddr_in6 in6;
  std::memcpy(&in6, address, sizeof in6);
  return IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) ? 2 : 0;
}

/// The addresses of interface `name` in `family` (AF_UNSPEC: both). No interface of that name: nullopt.
result<std::optional<addresses>> of_interface(const std::string& name, int family) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return error::from_errno(errno).with_detail("listing the interfaces");
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> release(all, freeifaddrs);
  bool exists = false;
  std::vector<const sockaddr*> found;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if (name != each->ifa_name) continue;
    exists = true;
    if (each->ifa_addr == nullptr) continue;
    const int its = each->ifa_addr->sa_family;
    if ((its == AF_INET || its == AF_INET6) && (family == AF_UNSPEC || its == family))
      found.push_back(each->ifa_addr);
  }
  if (!exists) return std::optional<addresses>();
  addresses ranked;
  for (int rank = 0; rank <= worst_interface_rank; ++rank) {
    for (const sockaddr* each : found) {
      if (interface_rank(each) != rank) continue;
      ranked.emplace_back(each, each->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    }
  }
  return std::optional<addresses>(std::move(ranked));
}

std::string resolver_complaint(int code) {
  if (code == EAI_SYSTEM) return std::generic_category().message(errno);
  return gai_strerror(code);
}

result<addresses> by_name(const std::string& host, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* all = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &all); code != 0) {
    return unresolved(resolver_complaint(code));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> release(all, freeaddrinfo);
  addresses found;
  for (const addrinfo* each = all; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    const socket_address address(each->ai_addr, each->ai_addrlen);
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
  }
  if (found.empty()) return unresolved("the name has no address");
  return found;
}

/// A machine may have a kernel without IPv6; bind to "*" must work there too, whatever the option says.
bool has_ipv6() noexcept {
  return static_cast<bool>(unique_fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

result<addresses> resolve_host(const std::string& host, purpose wanted, bool ipv6) {
  if (host == "*") return addresses{socket_address::any(ipv6 && has_ipv6() ? AF_INET6 : AF_INET, 0)};
  if (is_numeric_host(host)) {
    result<socket_address> address = from_digits(host);
    if (!address) return std::move(address).error();
    if (address->family() == AF_INET6 && !ipv6)
      return unresolved("an IPv6 address, and the option ipv6 is off");
    return addresses{*address};
  }
  const int family = ipv6 ? AF_UNSPEC : AF_INET;
  if (wanted == purpose::bind) {
    result<std::optional<addresses>> interface = of_interface(host, family);
    if (!interface) return std::move(interface).error();
    if (*interface && !(*interface)->empty()) return **std::move(interface);
    if (*interface) return unresolved("interface " + host + " has no " + (ipv6 ? "address" : "IPv4 address"));
  }
  return by_name(host, family);
}

}  // namespace

bool needs_lookup(const endpoint& where) noexcept {
  const bool has_host = where.scheme == scheme::tcp || where.scheme == scheme::udp;
  return has_host && where.address.host != "*" && !is_numeric_host(where.address.host);
}

result<std::vector<socket_address>> resolve(const endpoint& where, purpose wanted, bool ipv6) {
  if (where.scheme == scheme::ipc)
    return addresses{socket_address::local(where.path == "*" ? "" : where.path)};
  result<addresses> found = resolve_host(where.address.host, wanted, ipv6);
  if (!found) {
    return std::move(found).error().with_doing(std::string(name_of(wanted))).with_endpoint(where.text);
  }
  for (socket_address& each : *found) each.set_port(where.address.port);
  return found;
}

result<socket_address> resolve_source(const tcp_host& source, int family) {
  if (source.host == "*") return socket_address::any(family, source.port);
  if (is_numeric_host(source.host)) {
    result<socket_address> address = from_digits(source.host);
    if (!address) return address;
    if (address->family() != family) {
      return unresolved("source " + source.host + ", and the target is an " + family_name(family) +
                        " address");
    }
    address->set_port(source.port);
    return address;
  }
  result<std::optional<addresses>> interface = of_interface(source.host, family);
  if (!interface) return std::move(interface).error();
  if (!*interface) return unresolved("source " + source.host + " is neither an address nor an interface");
  if ((*interface)->empty()) {
    return unresolved("source interface " + source.host + " has no " + family_name(family) + " address");
  }
  socket_address first = (*interface)->front();
  first.set_port(source.port);
  return first;
}

}  // namespace monocoque::transport
