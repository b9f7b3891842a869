#include "transport/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace monocoque::transport {
namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);

// Copies rather than casts: the bytes are a sockaddr_storage, and reading them as another type is not
// allowed.
template <class Sockaddr>
Sockaddr view_as(const sockaddr* from) noexcept {
  Sockaddr copy;
  std::memcpy(&copy, from, sizeof copy);
  return copy;
}

std::string zone_of(const sockaddr_in6& address) {
  if (address.sin6_scope_id == 0) return {};
  char name[IF_NAMESIZE] = {};
  if (if_indextoname(address.sin6_scope_id, name) != nullptr) return std::string("%") + name;
  return '%' + std::to_string(address.sin6_scope_id);
}

}  // namespace

socket_address::socket_address(const sockaddr* from, socklen_t size) noexcept
    : size_(std::min(size, static_cast<socklen_t>(sizeof storage_))) {
  std::memcpy(&storage_, from, size_);
}

socket_address socket_address::any(int family, std::uint16_t port) noexcept {
  socket_address made;
  made.storage_.ss_family = static_cast<sa_family_t>(family);
  made.size_ = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  made.set_port(port);
  return made;
}

socket_address socket_address::local(std::string_view path) noexcept {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  const std::size_t size = std::min(path.size(), sizeof un.sun_path - 1);
  path.copy(un.sun_path, size);
  // The abstract name is all bytes up to the size given; libzmq leaves the terminator out of it, and so must
  // its peers.
  const bool abstract = size > 0 && path.front() == '@';
  if (abstract) un.sun_path[0] = '\0';
  const std::size_t terminator = abstract || size == 0 ? 0 : 1;
  return {reinterpret_cast<const sockaddr*>(&un), static_cast<socklen_t>(path_offset + size + terminator)};
}

socket_address socket_address::of_socket(int fd) noexcept {
  socket_address found;
  found.size_ = sizeof found.storage_;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&found.storage_), &found.size_) != 0) return {};
  return found;
}

socket_address socket_address::of_peer(int fd) noexcept {
  socket_address found;
  found.size_ = sizeof found.storage_;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&found.storage_), &found.size_) != 0) return {};
  return found;
}

std::uint16_t socket_address::port() const noexcept {
  if (family() == AF_INET) return ntohs(view_as<sockaddr_in>(data()).sin_port);
  if (family() == AF_INET6) return ntohs(view_as<sockaddr_in6>(data()).sin6_port);
  return 0;
}

void socket_address::set_port(std::uint16_t port) noexcept {
  if (family() != AF_INET && family() != AF_INET6) return;
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  const in_port_t ordered = htons(port);
  std::memcpy(reinterpret_cast<char*>(&storage_) + offsetof(sockaddr_in, sin_port), &ordered, sizeof ordered);
}

std::string socket_address::path() const {
  if (family() != AF_UNIX || size_ <= path_offset) return {};
  const auto un = view_as<sockaddr_un>(data());
  const std::size_t room = std::min<std::size_t>(size_ - path_offset, sizeof un.sun_path);
  if (un.sun_path[0] == '\0') return '@' + std::string(un.sun_path + 1, room - 1);
  return {un.sun_path, strnlen(un.sun_path, room)};
}

bool socket_address::is_any() const noexcept {
  if (family() == AF_INET) return view_as<sockaddr_in>(data()).sin_addr.s_addr == htonl(INADDR_ANY);
  if (family() != AF_INET6) return false;
  const auto in6 = view_as<sockaddr_in6>(data());
  return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
}

bool socket_address::is_loopback() const noexcept {
  constexpr std::uint8_t loopback_network = 127;  // 127.0.0.0/8
  if (family() == AF_INET)
    return ntohl(view_as<sockaddr_in>(data()).sin_addr.s_addr) >> 24 == loopback_network;
  if (family() != AF_INET6) return false;
  const in6_addr address = view_as<sockaddr_in6>(data()).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr[12] == loopback_network;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

bool socket_address::is_multicast() const noexcept {
  if (family() == AF_INET) return IN_MULTICAST(ntohl(view_as<sockaddr_in>(data()).sin_addr.s_addr));
  if (family() != AF_INET6) return false;
  const in6_addr address = view_as<sockaddr_in6>(data()).sin6_addr;
  if (!IN6_IS_ADDR_V4MAPPED(&address)) return IN6_IS_ADDR_MULTICAST(&address);
  constexpr unsigned multicast = 0xe0;  // 224.0.0.0/4
  return (address.s6_addr[12] & 0xf0U) == multicast;
}

socket_address socket_address::in_ipv6() const noexcept {
  if (family() != AF_INET) return *this;
  const auto in = view_as<sockaddr_in>(data());
  sockaddr_in6 mapped{};
  mapped.sin6_family = AF_INET6;
  mapped.sin6_port = in.sin_port;
  mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
  std::memcpy(&mapped.sin6_addr.s6_addr[12], &in.sin_addr, sizeof in.sin_addr);
  return {reinterpret_cast<const sockaddr*>(&mapped), sizeof mapped};
}

std::string socket_address::to_host_and_port() const {
  char digits[INET6_ADDRSTRLEN] = {};
  if (family() == AF_INET) {
    const auto in = view_as<sockaddr_in>(data());
    inet_ntop(AF_INET, &in.sin_addr, digits, sizeof digits);
    return std::string(digits) + ':' + std::to_string(port());
  }
  if (family() != AF_INET6) return {};
  const auto in6 = view_as<sockaddr_in6>(data());
  if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
    inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], digits, sizeof digits);
    return std::string(digits) + ':' + std::to_string(port());
  }
  inet_ntop(AF_INET6, &in6.sin6_addr, digits, sizeof digits);
  return '[' + std::string(digits) + zone_of(in6) + "]:" + std::to_string(port());
}

std::string socket_address::to_endpoint() const {
  if (family() == AF_INET) return "tcp://" + to_host_and_port();
  if (family() == AF_INET6) {
    char digits[INET6_ADDRSTRLEN] = {};
    const auto in6 = view_as<sockaddr_in6>(data());
    inet_ntop(AF_INET6, &in6.sin6_addr, digits, sizeof digits);
    return std::string("tcp://[") + digits + zone_of(in6) + "]:" + std::to_string(port());
  }
  const std::string name = path();
  return name.empty() ? std::string() : "ipc://" + name;
}

bool operator==(const socket_address& left, const socket_address& right) noexcept {
  if (left.family() != right.family()) return false;
  if (left.family() == AF_INET) {
    return left.port() == right.port() && view_as<sockaddr_in>(left.data()).sin_addr.s_addr ==
                                              view_as<sockaddr_in>(right.data()).sin_addr.s_addr;
  }
  if (left.family() == AF_INET6) {
    const auto one = view_as<sockaddr_in6>(left.data());
    const auto other = view_as<sockaddr_in6>(right.data());
    return one.sin6_port == other.sin6_port && one.sin6_scope_id == other.sin6_scope_id &&
           IN6_ARE_ADDR_EQUAL(&one.sin6_addr, &other.sin6_addr);
  }
  return left.size_ == right.size_ && std::memcmp(&left.storage_, &right.storage_, left.size_) == 0;
}

}  // namespace monocoque::transport
