#pragma once

#include <monocoque/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace monocoque::transport {

/// An address as the system takes it: IPv4, IPv6 or Unix. A value, without allocation.
class socket_address {
 public:
  /// No address: family AF_UNSPEC, and an empty text.
  socket_address() noexcept = default;
  /// A copy of what the system gave. More than fits is cut, as the system itself does.
  socket_address(const sockaddr* from, socklen_t size) noexcept;

  /// All addresses of this machine, in `family` (AF_INET or AF_INET6).
  [[nodiscard]] static socket_address any(int family, std::uint16_t port) noexcept;
  /// A path, or "@name" in the abstract namespace; at most max_ipc_path_size bytes, which the parser has
  /// checked.
  [[nodiscard]] static socket_address local(std::string_view path) noexcept;
  /// Those two ends of a descriptor; no address if the system does not tell.
  [[nodiscard]] static socket_address of_socket(int fd) noexcept;
  [[nodiscard]] static socket_address of_peer(int fd) noexcept;

  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
  [[nodiscard]] const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const noexcept { return size_; }

  /// 0 if there is none.
  [[nodiscard]] std::uint16_t port() const noexcept;
  void set_port(std::uint16_t port) noexcept;  ///< IPv4 and IPv6; nothing otherwise
  /// The path, "@name", or empty for an unnamed Unix socket and for other families.
  [[nodiscard]] std::string path() const;
  /// The IPv6 or IPv4 wildcard address.
  [[nodiscard]] bool is_any() const noexcept;
  /// An IPv4 (also in its IPv6 form) or IPv6 address of this machine's loopback interface.
  [[nodiscard]] bool is_loopback() const noexcept;

  /// An IPv4 (also in its IPv6 form) or IPv6 address of a group of machines.
  [[nodiscard]] bool is_multicast() const noexcept;
  /// The IPv6 form of an IPv4 address; others as they are.
  [[nodiscard]] socket_address in_ipv6() const noexcept;

  /// "127.0.0.1:5555" (also in its IPv6 form), "[::1]:5555"; empty for other families.
  [[nodiscard]] std::string to_host_and_port() const;
  /// "tcp://127.0.0.1:5555", "tcp://[::1]:5555", "ipc:///path", "ipc://@name"; empty where there is no name.
  [[nodiscard]] std::string to_endpoint() const;

  /// The same place: IPv6 flow labels do not count.
  friend bool operator==(const socket_address& left, const socket_address& right) noexcept;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace monocoque::transport
